//! What is told about checks, profiles and libraries: a page is data, shown as Markdown here and as plain text by
//! `oidcheck explain`.
//!
//! The pages of the checks are generated into `checks/docs` from the same metadata that the reports use, so they cannot
//! be out of date: a test compares them.

pub mod language;

use crate::render::text::wrap;
use oidcheck_checks::CHECKS;
use oidcheck_checks::check::Check;
use oidcheck_checks::evidence::{Endpoint, LoginStep, Question, SlotKind};
use oidcheck_checks::provider;

/// Columns of the plain text.
const COLUMNS: usize = 100;

/// A page: a title, a lead, facts and sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// The id.
    pub(crate) title: String,
    /// What it is, in one sentence.
    pub(crate) lead: String,
    /// Name and value.
    pub(crate) facts: Vec<(&'static str, String)>,
    /// Heading and content; empty ones are not shown.
    pub(crate) sections: Vec<(&'static str, Vec<Block>)>,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    /// A paragraph; its line breaks are kept.
    Prose(String),
    /// An item of a list.
    Item(String),
}

impl Page {
    /// Adds a section unless it would be empty.
    pub(crate) fn section(mut self, heading: &'static str, blocks: Vec<Block>) -> Self {
        if !blocks.is_empty() {
            self.sections.push((heading, blocks));
        }
        self
    }

    /// For a terminal.
    pub(crate) fn plain(&self) -> String {
        let mut out = format!("{}\n", self.title);
        let mut put = |start: &str, rest: &str, text: &str| {
            for (index, line) in text.lines().flat_map(|line| wrap(line, COLUMNS - rest.len())).enumerate() {
                out.push_str(format!("{}{line}", if index == 0 { start } else { rest }).trim_end());
                out.push('\n');
            }
        };
        put("", "", &self.lead);
        put("", "", "\n");
        for (name, value) in &self.facts {
            put(&format!("{name:<11} "), "            ", value);
        }
        for (heading, blocks) in &self.sections {
            put("", "", "\n");
            put("", "", heading);
            for block in blocks {
                match block {
                    Block::Prose(text) => put("  ", "  ", text),
                    Block::Item(text) => put("  - ", "    ", text),
                }
            }
        }
        out
    }

    /// As Markdown; words are wrapped by whoever shows it.
    pub(crate) fn markdown(&self) -> String {
        let mut out = format!("# {}\n\n{}\n", self.title, self.lead);
        if !self.facts.is_empty() {
            out.push_str("\n| | |\n|---|---|\n");
        }
        for (name, value) in &self.facts {
            out.push_str(&format!("| {name} | {} |\n", value.replace('|', "\\|")));
        }
        for (heading, blocks) in &self.sections {
            out.push_str(&format!("\n## {}\n", capital(heading)));
            let mut in_list = false;
            for block in blocks {
                match block {
                    Block::Prose(text) => {
                        out.push_str(&format!("\n{}\n", linked(&text.trim_end().replace('\n', "  \n"))))
                    }
                    Block::Item(text) => {
                        let gap = if in_list { "" } else { "\n" };
                        out.push_str(&format!("{gap}- {}\n", linked(&text.trim_end().replace('\n', "  \n  "))));
                    }
                }
                in_list = matches!(block, Block::Item(_));
            }
        }
        out
    }
}

/// URLs become links, and an angle bracket outside code stays one.
fn linked(text: &str) -> String {
    let mut in_code = false;
    let mut words = Vec::new();
    for word in text.split(' ') {
        let address = word.trim_end_matches(['.', ',', ';', ':', ')']);
        if !in_code && address.starts_with("https://") {
            words.push(format!("<{address}>{}", &word[address.len()..]));
            continue;
        }
        let mut out = String::new();
        for c in word.chars() {
            in_code ^= c == '`';
            out.push_str(if c == '<' && !in_code { "\\" } else { "" });
            out.push(c);
        }
        words.push(out);
    }
    words.join(" ")
}

/// With a capital at its start.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

/// What a person calls the exchanges of a kind.
pub(crate) fn noun(kind: SlotKind) -> &'static str {
    match kind {
        SlotKind::Discovery => "the discovery document",
        SlotKind::DiscoveryAt => "the other places where the discovery document may be",
        SlotKind::Jwks => "the JWK set",
        SlotKind::Cors => "the answers that a browser on the application's origin gets",
        SlotKind::Probe(Endpoint::Metadata) => "the discovery document as it comes to a request with a foreign host",
        SlotKind::Probe(Endpoint::Authorize) => {
            "answers of the authorization endpoint to somebody who is not logged in"
        }
        SlotKind::Probe(Endpoint::AuthorizeHop) => "where the authorization endpoint leads to inside the provider",
        SlotKind::Probe(Endpoint::Token) => "answers of the token endpoint to an invented code",
        SlotKind::Probe(Endpoint::Device) => "the answer of the device authorization endpoint",
        SlotKind::Probe(Endpoint::Par) => "the answer of the pushed authorization request endpoint",
        SlotKind::Probe(Endpoint::Userinfo) => {
            "answers of the userinfo endpoint without a token, and with an invented one"
        }
        SlotKind::Probe(Endpoint::EndSession) => "answers of the end-session endpoint",
        SlotKind::Probe(Endpoint::Introspection) => "the answer of the introspection endpoint",
        SlotKind::Probe(Endpoint::Revocation) => "the answer of the revocation endpoint",
        SlotKind::Login(LoginStep::Callback) => "the authorization response of a login",
        SlotKind::Login(LoginStep::Password) => "the answer to the form with the password (`--login form`)",
        SlotKind::Login(LoginStep::Tokens) => "the token response of a login",
        SlotKind::Login(LoginStep::Userinfo) => "the userinfo response of a login",
        SlotKind::Login(LoginStep::UserinfoPost | LoginStep::UserinfoBody) => {
            "the userinfo response by POST (`--depth thorough`)"
        }
        SlotKind::Login(LoginStep::UserinfoByIdToken | LoginStep::UserinfoByRefreshToken) => {
            "the userinfo response to the other tokens of a login (`--abuse`)"
        }
        SlotKind::Login(LoginStep::Replay) => "the answer to a code that was used already (`--abuse`)",
        SlotKind::Login(LoginStep::UserinfoAfter | LoginStep::RefreshAfter) => {
            "what the tokens of a code that was used twice are still good for (`--abuse`)"
        }
        SlotKind::Login(
            LoginStep::Refreshed | LoginStep::RefreshOpen | LoginStep::RefreshTwice | LoginStep::RefreshLast,
        ) => "answers to a refresh (`--abuse`)",
        SlotKind::Login(
            LoginStep::RevokeRefresh
            | LoginStep::RefreshRevoked
            | LoginStep::UserinfoEnded
            | LoginStep::RevokeAccess
            | LoginStep::UserinfoRevoked,
        ) => "answers to a revocation, and what the tokens are good for after it (`--abuse`)",
        SlotKind::Login(LoginStep::Session(question) | LoginStep::SessionTokens(question)) => session_noun(question),
        SlotKind::Login(LoginStep::Logout | LoginStep::ForgedLogout) => "answers to a logout (`--abuse`)",
        SlotKind::Login(LoginStep::Application) => "the answer of the application to a login (`--through-app`)",
        SlotKind::App => "what the application shows without a login",
        SlotKind::File => "files",
    }
}

/// What a person calls the answers to a question that the session of a login answers.
fn session_noun(question: Question) -> &'static str {
    match question {
        Question::Silent
        | Question::Hint
        | Question::OtherSubject
        | Question::OtherHint
        | Question::Prompt
        | Question::ShortAge
        | Question::LongAge => "answers to requests with the session of a login (`--depth thorough`)",
        Question::Again
        | Question::OtherUri
        | Question::OtherVerifier
        | Question::NoUri
        | Question::NoVerifier
        | Question::Revoked
        | Question::Anew => "answers to the same request with the session of a login (`--abuse`)",
        Question::LoggedOut => "the answer to a request after a logout (`--abuse`)",
    }
}

/// The page of a check.
pub(crate) fn check_page(check: &Check) -> Page {
    let mut reads: Vec<&str> = Vec::new();
    for noun in check.needs.iter().map(|kind| noun(*kind)) {
        if !reads.contains(&noun) {
            reads.push(noun);
        }
    }
    let reads = if reads.is_empty() { "the profile of the application".into() } else { crate::render::and(&reads) };
    let mut facts = vec![
        ("severity", format!("{} at worst", check.severity.word())),
        ("tier", check.tier.word().to_owned()),
        ("reads", reads),
    ];
    if !check.formerly.is_empty() {
        facts.push(("formerly", check.formerly.join(", ")));
    }
    let rules = check.clauses.iter().map(|clause| match clause.link() {
        Some(link) => Block::Item(format!("{clause}: {link}")),
        None => Block::Item(clause.to_string()),
    });
    let mut products: Vec<_> = provider::all().iter().filter_map(|p| Some((p, p.remedies.get(check.id)?))).collect();
    products.sort_by_key(|(product, _)| product.title.to_lowercase());
    let words =
        products.into_iter().map(|(product, remedy)| Block::Item(format!("{}: {}", product.title, remedy.trim())));
    let page = Page { title: check.id.into(), lead: format!("{}.", capital(check.title)), facts, sections: Vec::new() };
    page.section("why it matters", vec![Block::Prose(check.why.into())])
        .section("what to change", vec![Block::Prose(check.remedy.into())])
        .section("in the words of the provider", words.collect())
        .section("rules", rules.collect())
}

/// Every check, and every lint rule after them.
fn every() -> impl Iterator<Item = &'static &'static Check> {
    CHECKS.iter().chain(oidcheck_checks::lint::RULES)
}

/// Every generated page: its path below `checks/docs`, and its text.
pub fn pages() -> Vec<(String, String)> {
    let one = |check: &&'static Check| {
        let note =
            "<!-- Generated from the metadata of the check; OIDCHECK_BLESS=1 cargo test --test docs rewrites it. -->\n";
        (format!("{}.md", check.id), format!("{note}\n{}", check_page(check).markdown()))
    };
    std::iter::once(("README.md".to_owned(), index())).chain(every().map(one)).collect()
}

/// The list of all checks, group by group.
fn index() -> String {
    let mut out = String::from(
        "<!-- Generated; OIDCHECK_BLESS=1 cargo test --test docs rewrites it. -->\n\n# Checks\n\nThe name of a check says \
         what must hold. The severity is the one at worst: what a finding means depends on the application.\n",
    );
    let mut group = "";
    for check in every() {
        let (of, name) = check.id.split_once('/').unwrap_or(("", check.id));
        if of != group {
            group = of;
            out.push_str(&format!("\n## {group}\n\n| check | severity | tier | holds when |\n|---|---|---|---|\n"));
        }
        let (severity, tier, title) = (check.severity.word(), check.tier.word(), check.title.replace('|', "\\|"));
        out.push_str(&format!("| [{name}]({}.md) | {severity} | {tier} | {title} |\n", check.id));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_links_urls_and_shows_angle_brackets() {
        assert_eq!(linked("see https://a.example/b."), "see <https://a.example/b>.");
        assert_eq!(linked("realm <name>, `a <b> https://c`"), "realm \\<name>, `a <b> https://c`");
    }
}
