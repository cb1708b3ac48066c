//! The request behind a finding as a curl line that works when it is pasted into a shell.
//!
//! Secrets are taken out once, as an answer is read, so there is none left to hide here.

use oidcheck_checks::evidence::{Auth, AuthMethod, Request, SecretChoice};
use oidcheck_checks::probe::token::ASSERTION_TYPE;
use oidcheck_checks::verdict::Spot;

/// Whether the line asks the same question again: a page that was reached with the cookies of a session is gone.
pub(crate) fn repeatable(request: &Request) -> bool {
    !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("cookie"))
}

/// The arguments, each ready for the shell, with the options that `reach` the provider. What is to be seen decides what curl shall show.
pub(crate) fn arguments(request: &Request, spot: &Spot, reach: &[(&str, String)]) -> Vec<String> {
    let mut words = vec!["curl".to_owned()];
    // Redirects were followed when the evidence was gathered, so they are followed here.
    let follow = if request.follow { "L" } else { "" };
    words.push(match spot {
        Spot::Body(..) => format!("-sS{follow}"),
        Spot::Header(_) | Spot::Status | Spot::Url => format!("-sS{follow}i"),
        Spot::Certificate(_) | Spot::Connection => format!("-sS{follow}v"),
        Spot::Line(..) => format!("-sS{follow}"),
        Spot::Time => format!("-sS{follow} -o /dev/null -w '%{{time_total}} s\\n'"),
    });
    words.extend(reach.iter().map(|(option, value)| format!("{option} {}", quote(value))));
    let form = request.form.is_some()
        || request.auth.as_ref().is_some_and(|a| matches!(a.method, AuthMethod::Post | AuthMethod::PrivateKeyJwt));
    if request.method != "GET" && !(request.method == "POST" && form) {
        words.push(format!("-X {}", quote(request.method)));
    }
    words.extend(request.headers.iter().map(|(name, value)| format!("-H {}", quote(&format!("{name}: {value}")))));
    words.extend(request.form.as_ref().map(|form| format!("--data-raw {}", quote(form))));
    words.extend(request.auth.iter().flat_map(credentials));
    // Braces and brackets would be read as a set of URLs.
    if request.url.contains(['{', '}', '[', ']']) {
        words.push("-g".into());
    }
    words.push(format!("{}{}", if request.url.starts_with('-') { "--url " } else { "" }, quote(&request.url)));
    words
}

/// The credentials, with the secret as a variable of the shell. Where the library form-encodes it first, so must the
/// variable be.
fn credentials(auth: &Auth) -> Vec<String> {
    let secret = match auth.secret {
        SecretChoice::Given => "\"$OIDCHECK_CLIENT_SECRET\"".to_owned(),
        SecretChoice::Invented => quote("a-wrong-secret"),
        SecretChoice::Empty => String::new(),
    };
    match auth.method {
        AuthMethod::BasicEncoded | AuthMethod::BasicRaw => {
            vec![format!("-u {}{secret}", quote(&format!("{}:", auth.client_id)))]
        }
        AuthMethod::Post => vec![
            format!("--data-urlencode {}", quote(&format!("client_id={}", auth.client_id))),
            format!("--data-urlencode {}{secret}", quote("client_secret=")),
        ],
        // Signed anew for each request, so nobody can be spared the signing.
        AuthMethod::PrivateKeyJwt => {
            let assertion = match auth.secret {
                SecretChoice::Given => "\"$OIDCHECK_CLIENT_ASSERTION\"".to_owned(),
                _ => quote("not-signed"),
            };
            vec![
                format!("--data-urlencode {}", quote(&format!("client_id={}", auth.client_id))),
                format!("--data-urlencode {}", quote(&format!("client_assertion_type={ASSERTION_TYPE}"))),
                format!("--data-urlencode {}{assertion}", quote("client_assertion=")),
            ]
        }
    }
}

/// All of it on one line.
pub(crate) fn line(request: &Request, spot: &Spot, reach: &[(&str, String)]) -> String {
    arguments(request, spot, reach).join(" ")
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
            line(&request, &body(), &[("--cacert", "my ca.pem".into())]),
            r"curl -sSL --cacert 'my ca.pem' -H 'Accept: application/json' 'https://a.example/?x=1&y=it'\''s'"
        );
    }

    #[test]
    fn what_a_shell_or_curl_would_read_otherwise() {
        let request = Request::new("OPTIONS", "-o/tmp/$(id)[1]\u{1b}2").following();
        assert_eq!(line(&request, &Spot::Status, &[]), r"curl -sSLi -X 'OPTIONS' -g --url $'-o/tmp/$(id)[1]\0332'");
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
