//! What a login or consent page offers: its forms, which of them to fill, and what is sent when a person presses the
//! button that goes on.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};
use std::cell::RefCell;

/// Words on buttons that go on, in the languages that providers come with.
const GO_ON: [&str; 14] = [
    "allow",
    "accept",
    "approve",
    "authorize",
    "authorise",
    "consent",
    "continue",
    "grant",
    "yes",
    "confirm",
    "agree",
    "zulassen",
    "autoriser",
    "permitir",
];
/// Words on buttons that go back.
const GO_BACK: [&str; 9] = ["deny", "cancel", "decline", "reject", "refuse", "disallow", "back", "abort", "logout"];

/// Words on buttons that end a session.
const LEAVE: [&str; 9] = ["yes", "logout", "signout", "log", "sign", "confirm", "continue", "end", "abmelden"];

/// Words that mark the field of a one-time code, as parts of its name, its label or its `autocomplete`.
const CODE: [&str; 6] = ["one-time-code", "otp", "totp", "passcode", "mfa", "verification"];

/// What an authorization response consists of.
const ANSWER: [&str; 5] = ["code", "state", "iss", "error", "error_description"];
/// What it has besides in the implicit flow (RFC 6749 section 4.2.2), and a refresh token, which it must not have.
pub(super) const TOKENS: [&str; 6] = ["id_token", "access_token", "token_type", "expires_in", "scope", "refresh_token"];

/// A control of a form.
#[derive(Debug, Clone)]
struct Field {
    name: String,
    kind: String,
    value: String,
    /// Everything that hints at its meaning, in lower case.
    hint: String,
    checked: bool,
}

/// A button.
#[derive(Debug, Clone)]
struct Button {
    name: Option<String>,
    value: String,
    label: String,
}

/// A form.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// Where it goes, as written; empty for the page itself.
    pub(super) action: String,
    /// It is sent by POST.
    pub(super) post: bool,
    /// What controls outside of it call it.
    id: Option<String>,
    fields: Vec<Field>,
    buttons: Vec<Button>,
}

/// What a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A password, with or without a user name.
    Password,
    /// A user name alone; the password comes on the next page.
    Username,
    /// A one-time code.
    Code,
    /// Nothing to type: consent, or a form that a script would send.
    GoOn,
}

/// The page.
#[derive(Debug)]
pub(super) struct Page {
    /// Its title, or its first heading.
    pub(super) title: String,
    forms: Vec<Form>,
}

impl Page {
    /// Reads a page.
    pub(super) fn read(html: &str) -> Page {
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(html));
        let tokenizer = Tokenizer::new(Reader::default(), Default::default());
        // It stops early only for a script to be run, and none ever is.
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        let found = tokenizer.sink.0.into_inner();
        let words =
            |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect::<String>();
        let titles = [words(&found.title), words(&found.heading)].into_iter().find(|text| !text.is_empty());
        Page { title: titles.unwrap_or_else(|| "without a title".into()), forms: found.forms }
    }

    /// The form to fill, and what it is for.
    pub(super) fn form(&self) -> Option<(&Form, Purpose)> {
        let of = |purpose| self.forms.iter().find(|form| form.purpose() == Some(purpose)).map(|form| (form, purpose));
        let asked = of(Purpose::Password).or_else(|| of(Purpose::Code)).or_else(|| of(Purpose::Username));
        // Of the forms without anything to type, one that says that it goes on; else the only one that posts.
        let consents: Vec<&Form> = self.forms.iter().filter(|form| form.purpose() == Some(Purpose::GoOn)).collect();
        let willing = consents.iter().find(|form| form.buttons.iter().any(|b| says(&b.label, &GO_ON)));
        let lone = consents.first().filter(|_| consents.len() == 1);
        asked.or_else(|| willing.or(lone).map(|form| (*form, Purpose::GoOn)))
    }

    /// The form that confirms a logout: nothing to type, and the button that leaves, if there is one that says so.
    pub(super) fn leaving(&self) -> Option<(&Form, Vec<(String, String)>)> {
        let silent = self.forms.iter().filter(|form| form.post && !form.fields.iter().any(typed));
        let leaves = |button: &&Button| says(&button.label, &LEAVE) && !says(&button.label, &["in"]);
        let (willing, lone): (Vec<&Form>, Vec<&Form>) =
            silent.partition(|form| form.buttons.iter().any(|b| leaves(&b)));
        let form = willing.first().or(lone.first().filter(|form| lone.len() == 1 && form.buttons.is_empty()))?;
        let hidden = form.fields.iter().filter(|field| field.kind == "hidden");
        let mut pairs: Vec<(String, String)> = hidden.map(|field| (field.name.clone(), field.value.clone())).collect();
        let button = form.buttons.iter().find(leaves);
        pairs.extend(button.and_then(|button| Some((button.name.clone()?, button.value.clone()))));
        Some((form, pairs))
    }

    /// Whether a form would send a password without posting it.
    pub(super) fn shows_the_password(&self) -> bool {
        self.forms.iter().any(|form| !form.post && form.fields.iter().any(|field| field.kind == "password"))
    }

    /// What the page sends to this address, and whether it posts it.
    pub(super) fn posted(&self, at: &url::Url, redirect_uri: &str) -> Option<(Vec<(String, String)>, bool)> {
        let there = |form: &&Form| at.join(&form.action).is_ok_and(|to| super::flow::arrived(&to, redirect_uri));
        let form = self.forms.iter().find(|form| !form.action.is_empty() && there(form))?;
        let names = ANSWER.into_iter().chain(TOKENS);
        Some((names.filter_map(|name| Some((name.to_owned(), form.hidden(name)?.to_owned()))).collect(), form.post))
    }

    /// What a person could do here, and nothing that the page says: its forms with the kinds of what is typed.
    pub(super) fn skeleton(&self) -> String {
        let mut out = String::new();
        for form in &self.forms {
            out.push_str("<form>");
            let kinds = form.fields.iter().filter(|field| typed(field)).map(|field| field.kind.as_str());
            kinds.for_each(|kind| out.push_str(&format!("<input type=\"{kind}\">")));
            out.push_str("</form>");
        }
        out
    }
}

/// Whether something is typed into a field.
fn typed(field: &Field) -> bool {
    matches!(field.kind.as_str(), "text" | "email" | "password" | "tel" | "number")
}

impl Form {
    fn purpose(&self) -> Option<Purpose> {
        let any = |test: &dyn Fn(&Field) -> bool| self.fields.iter().filter(|field| typed(field)).any(test);
        if any(&|f| f.kind == "password" && !is_code(f)) {
            return self.post.then_some(Purpose::Password);
        }
        if any(&is_code) {
            return Some(Purpose::Code);
        }
        if any(&is_username) {
            return Some(Purpose::Username);
        }
        let leaves = ["logout", "signout", "sign-out", "cancel", "abort", "lang", "locale"];
        let action = self.action.to_ascii_lowercase();
        let stays = !leaves.iter().any(|word| action.contains(word));
        let silent = !self.fields.iter().any(typed);
        // A form whose only button goes back is no way on.
        let offers = self.buttons.is_empty() || self.buttons.iter().any(|b| !says(&b.label, &GO_BACK));
        (self.post && silent && stays && offers).then_some(Purpose::GoOn)
    }

    /// What is sent: hidden fields and defaults as they are, what was typed, and the button that goes on.
    pub(super) fn filled(&self, username: &str, password: &str, code: &str) -> Vec<(String, String)> {
        let mut sent = Vec::new();
        let mut named = false;
        for field in &self.fields {
            let value = match field.kind.as_str() {
                _ if is_code(field) => code.to_owned(),
                "password" => password.to_owned(),
                "text" | "email" | "tel" if !named && (is_username(field) || field.value.is_empty()) => {
                    named = true;
                    username.to_owned()
                }
                // Scopes that consent pages offer are what the application asked for.
                "checkbox" if field.checked || field.name.contains("scope") => field.value.clone(),
                "radio" if field.checked => field.value.clone(),
                "checkbox" | "radio" => continue,
                _ => field.value.clone(),
            };
            sent.push((field.name.clone(), value));
        }
        let willing = self.buttons.iter().find(|b| says(&b.label, &GO_ON));
        let button = willing.or_else(|| self.buttons.iter().find(|b| !says(&b.label, &GO_BACK)));
        if let Some((name, button)) = button.and_then(|b| Some((b.name.clone()?, b))) {
            sent.push((name, button.value.clone()));
        }
        sent
    }

    /// Whether it is the answer to the request with this state.
    pub(super) fn answers(&self, state: Option<&str>) -> bool {
        let mut results = ["code", "id_token", "access_token", "error"].into_iter();
        state.is_some() && self.hidden("state") == state && results.any(|name| self.hidden(name).is_some())
    }

    /// The value of a hidden field.
    pub(super) fn hidden(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|field| field.name == name && field.kind == "hidden").map(|field| field.value.as_str())
    }
}

/// Whether a field is for a one-time code. A password field is one only when `autocomplete` says so.
fn is_code(field: &Field) -> bool {
    match field.kind.as_str() {
        "password" => field.hint.contains(CODE[0]),
        "text" | "tel" | "number" => {
            field.name.eq_ignore_ascii_case("code") || CODE.iter().any(|word| field.hint.contains(word))
        }
        _ => false,
    }
}

fn is_username(field: &Field) -> bool {
    // Providers for tests ask for the subject itself.
    let subject = matches!(field.name.as_str(), "sub" | "subject");
    matches!(field.kind.as_str(), "text" | "email")
        && (subject
            || ["user", "login", "email", "mail", "identifier", "account", "uid"]
                .iter()
                .any(|word| field.hint.contains(word)))
}

/// Whether a label has one of these words, as a word of its own.
fn says(label: &str, words: &[&str]) -> bool {
    label.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word))
}

/// What has been read of a page so far.
#[derive(Debug, Default)]
struct Reading {
    title: String,
    heading: String,
    forms: Vec<Form>,
    /// A form is open; controls belong to the last one.
    in_form: bool,
    /// The element whose text is being read.
    text_of: Option<TextOf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextOf {
    Title,
    Heading,
    /// The last button of this form.
    Button(usize),
}

/// Collects forms from tags as they come. A form ends at its end tag or where the next one starts, as in the HTML
/// standard, in which forms do not nest.
#[derive(Debug, Default)]
struct Reader(RefCell<Reading>);

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reading = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                reading.start(&tag);
                // What stands in these is text, whatever it looks like.
                match &*tag.name {
                    "title" | "textarea" => return TokenSinkResult::RawData(RawKind::Rcdata),
                    "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
                    "style" | "iframe" | "noembed" | "noframes" | "xmp" => {
                        return TokenSinkResult::RawData(RawKind::Rawtext);
                    }
                    _ => {}
                }
            }
            Token::TagToken(tag) => reading.end(&tag.name),
            Token::CharacterTokens(text) => reading.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Reading {
    fn start(&mut self, tag: &Tag) {
        let attribute = |name: &str| {
            tag.attrs
                .iter()
                .find(|attribute| &*attribute.name.local == name)
                .map(|attribute| attribute.value.to_string())
        };
        match &*tag.name {
            "title" if self.title.is_empty() => self.text_of = Some(TextOf::Title),
            "h1" if self.heading.is_empty() => self.text_of = Some(TextOf::Heading),
            "form" => {
                let post = attribute("method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
                let action = attribute("action").unwrap_or_default();
                self.forms.push(Form { action, post, id: attribute("id"), fields: Vec::new(), buttons: Vec::new() });
                self.in_form = true;
            }
            name @ ("input" | "button" | "select" | "textarea") => {
                // A control may stand elsewhere and name its form.
                let named = attribute("form").and_then(|id| self.forms.iter().position(|f| f.id.as_ref() == Some(&id)));
                let at = named.or(self.forms.len().checked_sub(1).filter(|_| self.in_form));
                let Some(form) = at.and_then(|at| self.forms.get_mut(at)) else { return };
                if attribute("disabled").is_none() && form.control(name, &attribute) {
                    self.text_of = at.filter(|_| name == "button").map(TextOf::Button);
                }
            }
            "option" if self.in_form => {
                let field = self.forms.last_mut().and_then(|form| form.fields.last_mut());
                if let Some(field) = field.filter(|field| field.kind == "select") {
                    let selected = attribute("selected").is_some();
                    if field.value.is_empty() || selected {
                        field.value = attribute("value").unwrap_or_default();
                    }
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "form" => self.in_form = false,
            "title" | "h1" | "button" => self.text_of = None,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        match self.text_of {
            Some(TextOf::Title) => self.title.push_str(text),
            Some(TextOf::Heading) => self.heading.push_str(text),
            Some(TextOf::Button(at)) => {
                if let Some(button) = self.forms.get_mut(at).and_then(|form| form.buttons.last_mut()) {
                    button.label.push_str(&text.to_lowercase());
                }
            }
            None => {}
        }
    }
}

impl Form {
    /// Takes in a control; tells whether it is a button that sends the form.
    fn control(&mut self, tag: &str, attribute: &dyn Fn(&str) -> Option<String>) -> bool {
        let kind = attribute("type").unwrap_or_default().to_ascii_lowercase();
        let name = attribute("name").filter(|name| !name.is_empty());
        let value = attribute("value");
        let inert = matches!(kind.as_str(), "button" | "reset");
        if tag == "button" && !inert || tag == "input" && matches!(kind.as_str(), "submit" | "image") {
            let label = format!("{} {} ", value.clone().unwrap_or_default(), name.clone().unwrap_or_default());
            self.buttons.push(Button { name, value: value.unwrap_or_default(), label: label.to_lowercase() });
            return true;
        }
        let (Some(name), false) = (name, inert || tag == "button") else { return false };
        let kind = match (tag, kind.as_str()) {
            ("select" | "textarea", _) => tag.to_owned(),
            // Some pages show what is typed as a password.
            (_, "" | "text") if matches!(name.to_ascii_lowercase().as_str(), "password" | "passwd" | "pwd") => {
                "password".to_owned()
            }
            (_, "") => "text".to_owned(),
            _ => kind,
        };
        let value = value.unwrap_or_else(|| if kind == "checkbox" { "on".into() } else { String::new() });
        let hints = ["name", "id", "autocomplete", "placeholder", "aria-label"];
        let hint = hints.iter().filter_map(|hint| attribute(hint)).collect::<Vec<_>>().join(" ").to_lowercase();
        self.fields.push(Field { name, kind, value, hint, checked: attribute("checked").is_some() });
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_form_is_found_among_others_and_filled() {
        let page = Page::read(
            r#"<title> Sign  in </title><form action="/search"><input name="q"></form>
            <form method="POST" action="/login?x=1&amp;y=2"><input type="hidden" name="csrf" value="t">
            <input name="login" placeholder="Enter any login"><input type="password" name="password">
            <input type="checkbox" name="remember"><button type="submit" name="go" value="1">Sign-in</button></form>"#,
        );
        let (form, purpose) = page.form().expect("a form");
        assert_eq!(
            (purpose, form.action.as_str(), page.title.as_str()),
            (Purpose::Password, "/login?x=1&y=2", "Sign in")
        );
        let pairs = form.filled("alice", "secret", "");
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(pairs, [("csrf", "t"), ("login", "alice"), ("password", "secret"), ("go", "1")]);
    }

    #[test]
    fn forms_of_test_providers_are_filled() {
        let page = Page::read(
            r#"<form method=post><input type=text name=sub placeholder=sub><button>Authorize</button></form>
            <form method=post><button name=action value=deny>Deny</button></form>"#,
        );
        let (form, purpose) = page.form().expect("a form");
        assert_eq!((purpose, form.filled("alice", "", "")), (Purpose::Username, vec![("sub".into(), "alice".into())]));
        let page = Page::read("<form method=POST><input name=username><input name=password></form>");
        assert_eq!(page.form().map(|(_, purpose)| purpose), Some(Purpose::Password));
    }

    #[test]
    fn a_consent_form_is_agreed_to() {
        let page = Page::read(
            r#"<form method="post" action="/logout"><button>Log out</button></form>
            <form method="post"><input type="checkbox" name="scope" value="email">
            <input type="submit" name="no" value="Cancel"><input type="submit" name="allow" value="Authorize"></form>"#,
        );
        let (form, purpose) = page.form().expect("a form");
        assert_eq!(purpose, Purpose::GoOn);
        let pairs = form.filled("", "", "");
        assert_eq!(pairs, [("scope".into(), "email".into()), ("allow".into(), "Authorize".into())]);
    }

    #[test]
    fn a_one_time_code_goes_into_its_own_field_and_into_no_other() {
        for field in [
            "name=code",
            "name=totp",
            "name=x autocomplete=one-time-code",
            "type=password name=x autocomplete=one-time-code",
        ] {
            let page = Page::read(&format!("<form method=post><input {field}><button>Go</button></form>"));
            let (form, purpose) = page.form().expect("a form");
            assert_eq!(
                (purpose, form.filled("alice", "secret", "123456")[0].1.as_str()),
                (Purpose::Code, "123456"),
                "{field}"
            );
        }
        let page =
            Page::read("<form method=post><input name=user><input type=password name=otpass><input name=otp></form>");
        let (form, purpose) = page.form().expect("a form");
        let values: Vec<String> =
            form.filled("alice", "secret", "123456").into_iter().map(|(_, value)| value).collect();
        assert_eq!((purpose, values), (Purpose::Password, vec!["alice".into(), "secret".into(), "123456".into()]));
    }

    #[test]
    fn a_logout_is_confirmed_by_the_button_that_says_so() {
        let page = Page::read(
            r#"<form id="out" method="post" action="/end"><input type="hidden" name="xsrf" value="x"></form>
            <button form="out" name="logout" value="yes">Yes, sign me out</button><button form="out">No, stay</button>"#,
        );
        let (form, pairs) = page.leaving().expect("a form");
        assert_eq!(form.action, "/end");
        assert_eq!(pairs, [("xsrf".into(), "x".into()), ("logout".into(), "yes".into())]);
        assert!(Page::read("<form method=post><input name=user><button>Log in</button></form>").leaving().is_none());
    }

    #[test]
    fn a_skeleton_says_nothing_about_anybody() {
        let page =
            Page::read("<p>Hello Alice</p><form><input name=user value=alice><input type=password name=p></form>");
        assert_eq!(page.skeleton(), r#"<form><input type="text"><input type="password"></form>"#);
    }

    #[test]
    fn a_page_that_needs_a_script_has_no_form() {
        assert!(
            Page::read("<div id=root></div><script>'<form method=post><input type=password>'</script>")
                .form()
                .is_none()
        );
        let code = Page::read(r#"<form method=post><input name=otp autocomplete="one-time-code"></form>"#);
        assert_eq!(code.form().map(|(_, purpose)| purpose), Some(Purpose::Code));
    }
}
