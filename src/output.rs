//! The only module that writes to the terminal and to files: notes on stderr, reports on stdout, and files that
//! appear whole or not at all.

use crate::Error;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Says something on stderr. A closed stderr is nobody listening, and no reason to stop.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Says on stderr why there is no report.
pub fn error(error: &Error) {
    note(&format!("error: {error}"));
}

/// Says on stderr that oidcheck is broken.
pub fn bug(what: &str) {
    note(&format!(
        "This is a bug in oidcheck {}: {what}\n  Please report it at {}/issues with the command line.",
        crate::VERSION,
        env!("CARGO_PKG_REPOSITORY")
    ));
}

/// Writes to stdout. A reader who closes the pipe has read enough: that is success.
///
/// # Errors
/// Any other failure of stdout, a full disk for example.
pub fn stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::File { doing: "write", path: "standard output".into(), source: e })
        }
        Err(_) => {
            // What is still in the buffer would fail again when it is dropped.
            let _ = out.into_parts();
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// A file that is open for writing under a temporary name beside its own, and takes its own name when it is whole.
#[derive(Debug)]
pub struct Pending {
    file: File,
    path: PathBuf,
    /// `None` when the destination is a device or a pipe, which is written to directly.
    temporary: Option<PathBuf>,
}

impl Pending {
    /// Opens it. Nothing is visible under `path` before [`Pending::finish`].
    ///
    /// # Errors
    /// The folder does not exist or cannot be written to, or `path` is a folder.
    pub fn open(path: &Path) -> Result<Pending, Error> {
        let fail = |source| Error::File { doing: "write", path: path.to_owned(), source };
        // Through a symbolic link, so that the link survives.
        let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        match std::fs::metadata(&target) {
            Ok(found) if found.is_dir() => return Err(fail(io::ErrorKind::IsADirectory.into())),
            Ok(found) if !found.is_file() => {
                let file = File::options().write(true).open(&target).map_err(fail)?;
                return Ok(Pending { file, path: target, temporary: None });
            }
            Ok(found) if found.permissions().readonly() => return Err(fail(io::ErrorKind::PermissionDenied.into())),
            _ => {}
        }
        let name = target.file_name().ok_or_else(|| fail(io::ErrorKind::InvalidInput.into()))?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.tmp", std::process::id()));
        let temporary = target.with_file_name(hidden);
        let file = File::options().write(true).create_new(true).open(&temporary).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => fail(io::Error::other("another output of this run goes there as well")),
            _ => fail(e),
        })?;
        Ok(Pending { file, path: target, temporary: Some(temporary) })
    }

    /// Where it will be, links resolved.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the content and gives the file its name.
    ///
    /// # Errors
    /// Writing or renaming failed; nothing is left behind then.
    pub fn finish(mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
        let done = (|| {
            let mut out = io::BufWriter::new(&mut self.file);
            write(&mut out)?;
            out.flush()?;
            drop(out);
            if let Some(temporary) = &self.temporary {
                self.file.sync_all()?;
                std::fs::rename(temporary, &self.path)?;
            }
            Ok(())
        })();
        done.map_err(|source| Error::File { doing: "write", path: self.path.clone(), source })?;
        self.temporary = None;
        Ok(())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = std::fs::remove_file(temporary);
        }
    }
}
