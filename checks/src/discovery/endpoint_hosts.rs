//! The endpoints are where the issuer is, or at least where people can reach them.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::hosts;
use crate::spec::{Clause, Spec};
use crate::verdict::{Effect, Finding, Gap, Severity, Side, Step, Verdict};

pub(crate) static CHECK: Check = Check {
    id: "discovery/endpoint-hosts",
    title: "the endpoints are on the host of the issuer",
    severity: Severity::Error,
    tier: Tier::Issuer,
    clauses: &[
        Clause::local("the application and the browser reach every endpoint"),
        Clause::should(Spec::Rfc(9700), "4.4"),
    ],
    needs: &[SlotKind::Discovery],
    why: "A provider behind a proxy often publishes its internal name: the metadata works, and then the browser is sent to a host that it cannot reach.",
    remedy: "Tell the provider its public address (its external, root or base URL), and let the proxy pass the Host header on.",
    formerly: &[],
    judge,
};

fn judge(case: &Case<'_>) -> Result<Verdict, Gap> {
    let metadata = case.metadata()?;
    let home = match metadata.string("issuer") {
        Some(_) => metadata.url("issuer").and_then(hosts::of).unwrap_or_default().to_owned(),
        None => hosts::host(&case.target.typed),
    };
    // When the issuer itself is elsewhere, discovery/issuer-exact says so: the endpoints may be where the document came from.
    let asked = hosts::host(&case.target.typed);
    let expected = case.facts.provider.map(|p| p.other_hosts.as_slice()).unwrap_or_default();
    let mut findings = Vec::new();
    for (name, url) in metadata.endpoints() {
        let host = metadata.url(name).and_then(hosts::of).unwrap_or_default();
        if host.is_empty() || host == home || host == asked {
            continue;
        }
        let keys = &case.library().keys;
        let fetched = (name == "jwks_uri" && keys.verified).then_some(keys.fetched);
        let used = case.library().members.reached_at(name).or(fetched);
        let known = hosts::related(host, &home)
            || hosts::related(host, &asked)
            || expected.iter().any(|domain| hosts::below(host, domain));
        let stranded = hosts::is_loopback(host) && !hosts::is_loopback(&home) && !hosts::is_loopback(&asked);
        let blocked = case.profile.file.same_host_only
            && case.library().browser
            && matches!(name, "token_endpoint" | "userinfo_endpoint");
        let step = used.unwrap_or(Step::Discovery);
        let (message, effect) = if stranded && used.is_some() {
            (format!("{name} points to the loopback address of whoever asks"), Effect::LoginFails)
        } else if blocked {
            (
                format!("{name} is on another host, which the content security policy of the application blocks"),
                Effect::LoginFails,
            )
        } else if known {
            continue;
        } else if hosts::is_inner(host) && !hosts::is_inner(&home) {
            (
                format!("{name} is on {host}, which only the provider's own network knows"),
                if used.is_some() { Effect::Degraded } else { Effect::Untidy },
            )
        } else {
            // Keys are often served from storage or a content network, which is legal and troubles no library; at any
            // other endpoint a foreign host is given the code, the secret or the access token.
            let trusted = used.is_some() && name != "jwks_uri";
            (
                format!("{name} is on a host that has nothing to do with the issuer"),
                if trusted { Effect::Degraded } else { Effect::Untidy },
            )
        };
        let finding =
            Finding::new(message, case.at_member(metadata, name), CHECK.clauses[0]).expected(&home).actual(url);
        // The provider may put its endpoints where it likes; the policy is the application's own.
        let finding = if blocked && !stranded { finding.side(Side::Application) } else { finding.remedy(CHECK.remedy) };
        findings.push(finding.means(effect, step));
    }
    Ok(Verdict::from(findings, format!("all on {home} or near it")))
}
