//! Undoes a compression that nobody asked for, with a limit on what comes out.

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::io::Read;

/// Undoes a `Content-Encoding` (RFC 9110 section 8.4.1). `Ok(None)` when there is nothing to undo.
///
/// # Errors
/// In words: an encoding that is not known, broken data, or more than `limit` bytes coming out.
pub(super) fn undo(header: Option<&str>, body: &[u8], limit: usize) -> Result<Option<Vec<u8>>, String> {
    let header = header.unwrap_or_default().trim().to_ascii_lowercase();
    if body.is_empty() {
        return Ok(None);
    }
    match header.as_str() {
        "" | "identity" => Ok(None),
        "gzip" | "x-gzip" => read("gzip", MultiGzDecoder::new(body), body.len(), limit).map(Some),
        // "deflate" means zlib, but servers that send it raw are old acquaintances of every browser.
        "deflate" => match read("deflate", ZlibDecoder::new(body), body.len(), limit) {
            Err(error) if !error.contains("unpack to more") => {
                read("deflate", DeflateDecoder::new(body), body.len(), limit).map(Some).map_err(|_| error)
            }
            done => done.map(Some),
        },
        // What is no encoding at all, such as the name of a character set, everybody passes over.
        other if !other.split(',').any(|one| KNOWN.contains(&one.trim())) => Ok(None),
        other => Err(format!("the server uses {other:?}, although no encoding was asked for")),
    }
}

/// The encodings that there are (HTTP Content Coding Registry).
const KNOWN: [&str; 12] = [
    "aes128gcm",
    "br",
    "compress",
    "dcb",
    "dcz",
    "deflate",
    "exi",
    "gzip",
    "pack200-gzip",
    "x-compress",
    "x-gzip",
    "zstd",
];

fn read(name: &str, decoder: impl Read, packed: usize, limit: usize) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let more = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(more).read_to_end(&mut out).map_err(|error| format!("broken {name}: {error}"))?;
    if out.len() > limit {
        return Err(format!("{packed} bytes of {name} unpack to more than {limit} bytes"));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::undo;
    use flate2::Compression;
    use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use std::io::Read;

    fn packed(mut encoder: impl Read) -> Vec<u8> {
        let mut out = Vec::new();
        encoder.read_to_end(&mut out).expect("packs");
        out
    }

    #[test]
    fn known_encodings_are_undone() {
        let text = b"{\"issuer\":\"https://op.example\"}".as_slice();
        let best = Compression::best();
        for (name, bytes) in [
            ("gzip", packed(GzEncoder::new(text, best))),
            ("GZip", packed(GzEncoder::new(text, best))),
            ("deflate", packed(ZlibEncoder::new(text, best))),
            ("deflate", packed(DeflateEncoder::new(text, best))),
        ] {
            assert_eq!(undo(Some(name), &bytes, 1000), Ok(Some(text.to_vec())), "{name}");
        }
        assert_eq!(undo(None, text, 1000), Ok(None));
        assert_eq!(undo(Some("identity"), text, 1000), Ok(None));
        assert_eq!(undo(Some("UTF-8"), text, 1000), Ok(None), "it names no encoding");
        assert_eq!(undo(Some("gzip"), b"", 1000), Ok(None));
    }

    #[test]
    fn what_cannot_be_undone_says_so() {
        let bomb = packed(GzEncoder::new(std::io::repeat(0).take(100_000), Compression::best()));
        assert!(undo(Some("gzip"), &bomb, 1000).is_err_and(|e| e.contains("more than 1000 bytes")));
        let bomb = packed(ZlibEncoder::new(std::io::repeat(0).take(100_000), Compression::best()));
        assert!(undo(Some("deflate"), &bomb, 1000).is_err_and(|e| e.contains("more than 1000 bytes")));
        assert!(undo(Some("gzip"), &bomb[..20], 1000).is_err_and(|e| e.starts_with("broken gzip")));
        assert!(undo(Some("br"), b"x", 1000).is_err_and(|e| e.contains("\"br\"")));
        assert!(undo(Some("gzip, gzip"), b"x", 1000).is_err());
    }
}
