//! What the answers to authorization probes allow to conclude, after their controls.

use super::authorize_slot;
use super::reply::{Delivered, Reply, Shape, read};
use crate::evidence::{Endpoint, Evidence, Slot};
use crate::provider::Provider;

/// The names of the probes that the oracle rests on.
pub mod names {
    /// The expected redirect URI.
    pub fn expected(uri: &str) -> String {
        format!("expected:{uri}")
    }
    /// A redirect URI that nobody registered.
    pub const CONTROL: &str = "control-uri";
    /// A client that nobody registered.
    pub const UNKNOWN: &str = "unknown-client";
    /// The same three without `prompt=none`.
    pub fn plain(name: &str) -> String {
        format!("plain:{name}")
    }
    /// A mutation of a redirect URI.
    pub fn mutation(uri: &str, name: &str) -> String {
        format!("mutation:{name}:{uri}")
    }
    /// What the application itself did send, `prompt=none` apart.
    pub fn captured(profile: &str) -> String {
        format!("captured:{profile}")
    }
    /// What the application itself would send, `prompt=none` apart.
    pub fn application(profile: &str, uri: &str) -> String {
        format!("application:{profile}:{uri}")
    }
    /// The same with the `prompt` that the application sends.
    pub fn prompted(profile: &str, uri: &str) -> String {
        format!("prompted:{profile}:{uri}")
    }
}

/// How this provider can be questioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Oracle {
    /// `prompt=none` comes back to a good redirect URI, and the controls do not.
    Silent,
    /// A code comes at once, for a client that nobody registered as well: where a code goes is told, and no more.
    Anyone,
    /// A good silent request makes the provider fail (500) only after it has looked at client and redirect URI: it
    /// refuses both controls, and an ordinary good request lands well.
    Failing,
    /// Where an ordinary request lands differs between a good request and the controls. Holds the good landing.
    Landing(Shape),
    /// The same, one redirect inside the provider later.
    Hop(Shape),
    /// The provider refuses the expected request before any login. The flag says that it refuses an unknown client in
    /// another way, so the client is known and the redirect URI is what is wrong.
    AllRefused(Shape, bool),
    /// Nothing can be told before a login, for this reason.
    Blind(String),
    /// The probes that decide have not all been answered.
    Open,
}

/// What became of a redirect URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// The provider uses it.
    Accepted(Delivered),
    /// The provider lets the request through to a login, by the landing oracle.
    AcceptedByLanding,
    /// The provider does not redirect to it.
    Refused(Shape),
    /// The provider redirects to it with an error about the request.
    ErrorThere(Delivered),
    /// It cannot be told.
    Unclear(String),
}

/// The answer to a probe; `None` when it was not sent or not answered yet.
pub fn reply(evidence: &Evidence, name: &str) -> Option<Reply> {
    evidence.get(&authorize_slot(name)).map(read)
}

/// How the provider can be questioned, from the probes with this expected redirect URI.
pub fn establish(evidence: &Evidence, expected_uri: &str, provider: Option<&Provider>) -> Oracle {
    let expected = names::expected(expected_uri);
    let Some(good) = reply(evidence, &expected) else { return Oracle::Open };
    let fails = status(evidence, &expected) == Some(500);
    if let Reply::Nothing(why) = &good
        && !fails
    {
        return Oracle::Blind(format!("the authorization endpoint gave no usable answer ({why})"));
    }
    let (Some(control), Some(unknown)) = (reply(evidence, names::CONTROL), reply(evidence, names::UNKNOWN)) else {
        return Oracle::Open;
    };
    if let Some(why) = provider.and_then(|p| p.misleading_silent.as_ref()) {
        return Oracle::Blind(why.clone());
    }
    match (&good, &unknown) {
        (Reply::Nothing(_), _) => match (lands(evidence, &expected), &control, &unknown) {
            (None, ..) => Oracle::Open,
            (Some(true), Reply::Elsewhere(c), Reply::Elsewhere(u)) if c.refusal() && u.refusal() => Oracle::Failing,
            _ => landing(evidence, &expected),
        },
        // 403 is also what a bot wall says. It is the provider's own word when an unknown client gets it, and an
        // ordinary good request after that does not.
        (Reply::AtRedirect(_), Reply::Nothing(_))
            if status(evidence, names::UNKNOWN) == Some(403)
                && (matches!(control, Reply::Elsewhere(_)) || status(evidence, names::CONTROL) == Some(403)) =>
        {
            match lands(evidence, &expected) {
                None => Oracle::Open,
                Some(true) => Oracle::Silent,
                Some(false) => {
                    Oracle::Blind("the authorization endpoint says 403 to everything but the first request".into())
                }
            }
        }
        // It fails over an unknown client, but it tells redirect URIs of this one apart.
        (Reply::AtRedirect(_), Reply::Nothing(_))
            if status(evidence, names::UNKNOWN) == Some(500)
                && matches!(&control, Reply::Elsewhere(shape) if shape.refusal()) =>
        {
            Oracle::Silent
        }
        (_, Reply::Nothing(why)) => {
            Oracle::Blind(format!("the control with an unknown client gave no usable answer ({why})"))
        }
        (Reply::AtRedirect(g), Reply::AtRedirect(u)) if g.granted && u.granted => Oracle::Anyone,
        (Reply::AtRedirect(g), Reply::AtRedirect(u)) if g.error == u.error => {
            Oracle::Blind("this provider answers at the redirect URI before it looks at the client".into())
        }
        (Reply::AtRedirect(_), _) => match control {
            Reply::Nothing(why) => {
                Oracle::Blind(format!("the control with a foreign redirect URI gave no usable answer ({why})"))
            }
            _ => Oracle::Silent,
        },
        _ => landing(evidence, &expected),
    }
}

/// The status of the answer to a probe.
fn status(evidence: &Evidence, name: &str) -> Option<u16> {
    evidence.get(&authorize_slot(name))?.outcome.as_ref().ok().map(|response| response.status)
}

/// Whether an ordinary request lands at a page that is no refusal, or at its redirect URI; `None` when it was not sent.
fn lands(evidence: &Evidence, expected: &str) -> Option<bool> {
    Some(match reply(evidence, &names::plain(expected))? {
        Reply::AtRedirect(_) => true,
        Reply::Elsewhere(shape) => !shape.refusal(),
        Reply::Nothing(_) => false,
    })
}

/// The second oracle, for providers that do not come back to the redirect URI with `prompt=none`.
fn landing(evidence: &Evidence, expected: &str) -> Oracle {
    let plain = |name: &str| reply(evidence, &names::plain(name));
    let (Some(good), Some(control), Some(unknown)) = (plain(expected), plain(names::CONTROL), plain(names::UNKNOWN))
    else {
        return Oracle::Open;
    };
    let shape = |reply: &Reply| match reply {
        Reply::Elsewhere(shape) => Ok(shape.clone()),
        Reply::AtRedirect(_) => Err(String::new()),
        Reply::Nothing(why) => Err(format!("the authorization endpoint gave no usable answer ({why})")),
    };
    let good_shape = match (&good, shape(&good)) {
        (Reply::AtRedirect(_), _) => return Oracle::Silent,
        (_, Err(why)) => return Oracle::Blind(why),
        (_, Ok(shape)) => shape,
    };
    let (control, unknown) = match (shape(&control), shape(&unknown)) {
        (Ok(control), Ok(unknown)) => (control, unknown),
        (Err(why), _) | (_, Err(why)) if !why.is_empty() => return Oracle::Blind(why),
        _ => {
            return Oracle::Blind(
                "the controls are answered at their redirect URIs, the expected request is not".into(),
            );
        }
    };
    if good_shape.refusal() {
        let knows = good_shape != unknown;
        return Oracle::AllRefused(good_shape, knows);
    }
    let why = if good_shape == unknown {
        "this provider asks for a login before it looks at the client or the redirect URI"
    } else if good_shape == control {
        "this provider looks at the client before the login, and at the redirect URI only later"
    } else {
        return Oracle::Landing(good_shape);
    };
    second_hop(evidence, expected, why)
}

/// Some products look at the request only behind their first redirect. One more hop inside the provider may decide.
fn second_hop(evidence: &Evidence, expected: &str, why: &str) -> Oracle {
    let blind = || Oracle::Blind(why.to_owned());
    let three = [expected, names::CONTROL, names::UNKNOWN];
    if three.iter().any(|name| hop_of(evidence, name).is_none()) {
        return blind();
    }
    let replies: Vec<_> = three.iter().map(|name| evidence.get(&hop_slot(name)).map(read)).collect();
    match replies.as_slice() {
        [Some(Reply::Elsewhere(good)), Some(Reply::Elsewhere(control)), Some(Reply::Elsewhere(unknown))] => {
            if good.refusal() || good == control || good == unknown { blind() } else { Oracle::Hop(good.clone()) }
        }
        [Some(_), Some(_), Some(_)] => blind(),
        _ => Oracle::Open,
    }
}

/// The slot of the hop behind a probe.
pub fn hop_slot(name: &str) -> Slot {
    Slot::Probe(Endpoint::AuthorizeHop, name.to_owned())
}

/// Where the answer to an ordinary request leads to inside the provider's own origin, if it does.
pub fn hop_of(evidence: &Evidence, name: &str) -> Option<String> {
    let exchange = evidence.get(&authorize_slot(&names::plain(name)))?;
    let response = exchange.outcome.as_ref().ok().filter(|r| matches!(r.status, 301 | 302 | 303 | 307 | 308))?;
    let from = url::Url::parse(&response.url).ok()?;
    let to = from.join(response.header("location")?).ok()?;
    (to.origin() == from.origin()).then(|| to.to_string())
}

impl Oracle {
    /// What became of the redirect URI of one probe.
    pub fn seen(&self, evidence: &Evidence, name: &str) -> Seen {
        match self {
            Oracle::Open => Seen::Unclear("the probe was not sent".into()),
            Oracle::Blind(why) => Seen::Unclear(why.clone()),
            Oracle::Silent => match reply(evidence, name) {
                None => Seen::Unclear("the probe was not sent".into()),
                // As the provider refuses the unknown client.
                Some(Reply::Nothing(_))
                    if status(evidence, name) == Some(403) && status(evidence, names::UNKNOWN) == Some(403) =>
                {
                    Seen::Refused(Shape { status: 403, location: None, error: None })
                }
                Some(Reply::Nothing(why)) => Seen::Unclear(format!("no usable answer ({why})")),
                Some(Reply::AtRedirect(delivered)) if delivered.welcome() => Seen::Accepted(delivered),
                Some(Reply::AtRedirect(delivered)) => Seen::ErrorThere(delivered),
                Some(Reply::Elsewhere(shape)) => Seen::Refused(shape),
            },
            // A code that went there needs no control.
            Oracle::Anyone => match reply(evidence, name) {
                None => Seen::Unclear("the probe was not sent".into()),
                Some(Reply::Nothing(why)) => Seen::Unclear(format!("no usable answer ({why})")),
                Some(Reply::AtRedirect(delivered)) if delivered.granted => Seen::Accepted(delivered),
                Some(Reply::AtRedirect(delivered)) if !delivered.welcome() => Seen::ErrorThere(delivered),
                Some(Reply::Elsewhere(shape)) if shape.refusal() => Seen::Refused(shape),
                Some(_) => Seen::Unclear("no code came, and no refusal".into()),
            },
            Oracle::Failing => match reply(evidence, name) {
                None => Seen::Unclear("the probe was not sent".into()),
                // A strange redirect URI may make it fail for a reason of its own.
                Some(Reply::Nothing(why)) => match status(evidence, name) {
                    Some(500) if !name.starts_with("mutation:") => Seen::AcceptedByLanding,
                    _ => Seen::Unclear(format!("no usable answer ({why})")),
                },
                Some(Reply::AtRedirect(delivered)) if delivered.welcome() => Seen::Accepted(delivered),
                Some(Reply::AtRedirect(delivered)) => Seen::ErrorThere(delivered),
                Some(Reply::Elsewhere(shape)) => Seen::Refused(shape),
            },
            Oracle::Landing(good) => match reply(evidence, &names::plain(name)) {
                None => Seen::Unclear("the probe was not sent".into()),
                Some(Reply::Nothing(why)) => Seen::Unclear(format!("no usable answer ({why})")),
                Some(Reply::AtRedirect(delivered)) => Seen::ErrorThere(delivered),
                Some(Reply::Elsewhere(shape)) if shape == *good => Seen::AcceptedByLanding,
                // As the foreign one, which does not land where a good request does.
                Some(Reply::Elsewhere(shape))
                    if shape.refusal()
                        || reply(evidence, &names::plain(names::CONTROL)) == Some(Reply::Elsewhere(shape.clone())) =>
                {
                    Seen::Refused(shape)
                }
                Some(Reply::Elsewhere(shape)) => {
                    Seen::Unclear(format!("it lands at another place than a good request does ({})", shape.words()))
                }
            },
            Oracle::Hop(good) => match evidence.get(&hop_slot(name)).map(read) {
                Some(Reply::Elsewhere(shape)) if shape == *good => Seen::AcceptedByLanding,
                Some(Reply::Elsewhere(shape)) if shape.refusal() => Seen::Refused(shape),
                Some(Reply::AtRedirect(delivered)) => Seen::ErrorThere(delivered),
                Some(Reply::Nothing(why)) => Seen::Unclear(format!("no usable answer ({why})")),
                Some(Reply::Elsewhere(shape)) => {
                    Seen::Unclear(format!("it lands at another place ({})", shape.words()))
                }
                None => Seen::Unclear("the probe was not sent".into()),
            },
            Oracle::AllRefused(shape, _) => Seen::Refused(shape.clone()),
        }
    }

    /// Whether a probe is sent without `prompt=none` under this oracle.
    pub fn plain(&self) -> bool {
        matches!(self, Oracle::Landing(_) | Oracle::Hop(_))
    }

    /// Whether the unknown client was answered otherwise than the expected one.
    pub fn knows_client(&self) -> bool {
        match self {
            Oracle::Silent | Oracle::Failing | Oracle::Landing(_) | Oracle::Hop(_) => true,
            Oracle::AllRefused(_, knows) => *knows,
            Oracle::Anyone | Oracle::Blind(_) | Oracle::Open => false,
        }
    }
}

/// The matching rule that a provider seems to follow, from the mutations that it accepted.
pub fn rule(control_accepted: bool, accepted: &[&str]) -> &'static str {
    let has = |name: &str| accepted.contains(&name);
    if control_accepted {
        "any redirect URI"
    } else if has("foreign-with-tail") {
        "a pattern with a wildcard in or before the host"
    } else if has("host-as-prefix") {
        "a prefix that ends inside the host"
    } else if has("dot-replaced") {
        "a regular expression whose dots are not escaped"
    } else if has("host-in-userinfo") {
        "a prefix that does not stop at the host"
    } else if has("subdomain") {
        "a wildcard for subdomains"
    } else if has("path-added") && has("other-path") {
        "any path of the host (a wildcard at the end)"
    } else if has("path-added") {
        "a prefix: anything may follow the path"
    } else if has("query-added") && has("other-port") {
        "scheme, host and path; port and query are ignored"
    } else if has("query-added") {
        "everything but the query"
    } else if has("other-port") {
        "everything but the port"
    } else if has("plain-http") {
        "everything but the scheme"
    } else if has("host-upper-case") || has("default-port") || has("dot-dot") || has("path-encoded") {
        "parsed URLs, not text"
    } else if has("slash-toggled") {
        "exact apart from a final slash"
    } else if has("fragment-added") {
        "exact apart from the fragment"
    } else {
        "exact"
    }
}
