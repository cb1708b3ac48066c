//! The request behind a finding as a curl line that works when it is pasted into a shell.
//!
//! Secrets are taken out once, when an exchange is recorded, so there is none left to hide here.

use oidcheck_checks::evidence::Request;
use oidcheck_checks::verdict::Spot;

/// The arguments, each ready for the shell. What is to be seen decides what curl shall show.
pub(crate) fn arguments(request: &Request, spot: &Spot) -> Vec<String> {
    let mut words = vec!["curl".to_owned()];
    // Redirects were followed when the evidence was gathered, so they are followed here.
    words.push(match spot {
        Spot::Body(..) => "-sSL".into(),
        Spot::Header(_) | Spot::Status | Spot::Url => "-sSLi".into(),
        Spot::Certificate(_) | Spot::Connection => "-sSLv".into(),
        Spot::Time => "-sSL -o /dev/null -w '%{time_total} s\\n'".into(),
    });
    if request.method != "GET" {
        words.push(format!("-X {}", quote(request.method)));
    }
    words.extend(request.headers.iter().map(|(name, value)| format!("-H {}", quote(&format!("{name}: {value}")))));
    // Braces and brackets would be read as a set of URLs.
    if request.url.contains(['{', '}', '[', ']']) {
        words.push("-g".into());
    }
    words.push(format!("{}{}", if request.url.starts_with('-') { "--url " } else { "" }, quote(&request.url)));
    words
}

/// All of it on one line.
pub(crate) fn line(request: &Request, spot: &Spot) -> String {
    arguments(request, spot).join(" ")
}

/// One word for the shell. Single quotes hold everything but themselves; a character that must not reach a terminal
/// as it is needs the `$'…'` of bash, zsh and ksh.
fn quote(word: &str) -> String {
    let acts = |c: char| c.is_control() || super::text::is_invisible(c);
    if !word.contains(acts) {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    let mut out = String::from("$'");
    for c in word.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            // Bytes, not code points, so that the shell's locale does not matter; three octal digits, so that the next
            // character is never taken for a digit of the escape.
            c if acts(c) => {
                let mut buffer = [0; 4];
                for byte in c.encode_utf8(&mut buffer).bytes() {
                    out.push_str(&format!("\\{byte:03o}"));
                }
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> Spot {
        Spot::Body(String::new(), None)
    }

    #[test]
    fn a_get_for_json() {
        let request = Request::get_json("https://a.example/?x=1&y=it's");
        assert_eq!(
            line(&request, &body()),
            r"curl -sSL -H 'Accept: application/json' 'https://a.example/?x=1&y=it'\''s'"
        );
    }

    #[test]
    fn what_a_shell_or_curl_would_read_otherwise() {
        let request = Request { method: "OPTIONS", url: "-o/tmp/$(id)[1]\u{1b}2".into(), headers: Vec::new() };
        assert_eq!(line(&request, &Spot::Status), r"curl -sSLi -X 'OPTIONS' -g --url $'-o/tmp/$(id)[1]\0332'");
    }

    #[test]
    fn a_shell_gives_the_words_back() {
        for word in ["plain", "it's $HOME `id` \\n", "tab\tand\nnewline' \\ \u{9b}é\u{202e}7"] {
            let script = format!("printf %s {}", quote(word));
            let Ok(output) = std::process::Command::new("bash").args(["-c", &script]).output() else { return };
            assert_eq!(String::from_utf8_lossy(&output.stdout), word, "{script}");
        }
    }
}
