//! The ID token fits where applications keep it.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::login::{Which, each};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/size",
    title: "the ID token is small enough for a cookie",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[
        Clause::local("applications keep the ID token in a cookie or send it in a header"),
        Clause::should(Spec::Rfc(6265), "6.1"),
    ],
    needs: crate::login::NEEDS,
    why: "Browsers drop cookies of more than 4 KB and servers refuse headers of more than 8 KB, so people with many groups cannot log in and nobody else notices.",
    remedy: "Send fewer claims: only the groups that this application needs, and no pictures.",
    formerly: &[],
    judge,
};

/// What a cookie may hold, its name and attributes included.
const COOKIE: usize = 4096;
/// What a server usually takes as one header.
const HEADER: usize = 8192;

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    each(case, "small enough", |login| {
        let (token, _) = login.id_token()?;
        let length = token.length();
        let (limit, effect) = match length {
            0..=COOKIE => return Ok(Vec::new()),
            HEADER.. => (HEADER, Effect::Degraded),
            _ => (COOKIE, Effect::Untidy),
        };
        let message = format!("the ID token has {length} bytes");
        let finding = Finding::new(message, Which::Id.place(login, ""), CHECK.clauses[0])
            .expected(format!("at most {limit} bytes"))
            .actual(length.to_string());
        Ok(vec![finding.means(effect, Step::Application)])
    })
}
