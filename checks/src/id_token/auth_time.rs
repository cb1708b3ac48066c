//! When the person logged in, if the ID token says so, is a time at which somebody can have logged in.

use super::lifetime::{MILLISECONDS, number};
use crate::after::sends;
use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::json::Node;
use crate::evidence::jws::Jws;
use crate::evidence::login::Login;
use crate::login::{each, span};
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "id-token/auth-time",
    title: "auth_time of the ID token is a time of the past",
    severity: Severity::Warning,
    tier: Tier::Login,
    clauses: &[Clause::must(Spec::Core, "2"), Clause::must(Spec::Core, "3.1.3.7")],
    needs: crate::login::NEEDS,
    why: "An application that limits the age of a login compares auth_time with the clock: one in the future is fresh for ever, and one of long ago is always too old.",
    remedy: "Let the provider put the time of the login into auth_time, in seconds since 1970.",
    formerly: &[],
    judge,
};

/// The first of January 2000; nobody logged in by OpenID Connect before.
const EARLIEST: f64 = 946_684_800.0;
/// So far may the clocks of one provider be apart.
const SKEW: i64 = 60;

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let effect = if sends(case, "max_age") { Effect::Degraded } else { Effect::Untidy };
    each(case, "it is, or absent", |login| {
        let (_, token) = login.id_token()?;
        let Some(message) = impossible(case, login, token) else { return Ok(Vec::new()) };
        let finding = Finding::new(message, login.at_tokens("/id_token/auth_time"), CHECK.clauses[0])
            .expected("seconds since 1970, of the past")
            .actual(token.claim("auth_time").map_or("absent".to_owned(), Node::show));
        Ok(vec![finding.means(effect, Step::IdToken)])
    })
}

/// Why nobody can have logged in then. What is no number has a check of its own.
pub(crate) fn impossible(case: &Case<'_>, login: &Login<'_>, token: &Jws) -> Option<String> {
    let time = number(token.claim("auth_time")?)?;
    if time >= MILLISECONDS {
        return Some("auth_time is in milliseconds, or beyond all times".into());
    }
    if time < EARLIEST {
        return Some("auth_time is long before anybody could log in".into());
    }
    // The clock of the provider has a check of its own, so the login is not compared with ours alone.
    let now = login.at().unwrap_or(case.now).as_second().max(token.seconds("iat").unwrap_or_default());
    let ahead = token.seconds("auth_time")? - now;
    (ahead > SKEW).then(|| format!("auth_time is {} in the future", span(ahead)))
}
