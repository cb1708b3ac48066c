//! What a check gets to see: one target, one part of one application, and the evidence.
//!
//! Accessors return [`Gap`] when there is nothing to see, so `?` in a check makes it inconclusive and names the check
//! that reports the root cause.

use crate::evidence::certificate::{self, Certificate};
use crate::evidence::json::{self, Document, NotJson};
use crate::evidence::jwks::Jwks;
use crate::evidence::login::Login;
use crate::evidence::metadata::Metadata;
use crate::evidence::{Evidence, Exchange, LoginStep, Response, Slot, SlotKind};
use crate::library::{Library, Refusal};
use crate::profile::{Flow, Part, Profile};
use crate::provider::Provider;
use crate::target::{Target, is_whole, issuer_of};
use crate::verdict::{Effect, Finding, Gap, Place, Spot};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// Why a body is no JWK set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoJwks {
    /// It is JSON, but of another shape.
    pub readable: bool,
    /// What is wrong, in a person's words.
    pub text: String,
}

/// What the raw evidence says once it is parsed; computed once for a run, shared by all profiles and checks.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The raw evidence.
    pub evidence: &'a Evidence,
    /// The body of the metadata as JSON.
    pub discovery: Result<Document, Gap>,
    /// The same with an object at its root.
    pub metadata: Result<Metadata, Gap>,
    /// Why the metadata is no JSON, when it is not.
    pub discovery_error: Option<NotJson>,
    /// The key set.
    pub jwks: Result<Jwks, Gap>,
    /// Why the key set cannot be used, when it cannot.
    pub jwks_error: Option<NoJwks>,
    /// The certificates of the connections over which the two documents came; `None` for one that cannot be read.
    pub certificates: BTreeMap<Slot, Vec<Option<Certificate>>>,
    /// What people who logged in brought back.
    pub logins: Vec<Login<'a>>,
    /// The product behind the issuer, when it can be told from the metadata.
    pub provider: Option<&'static Provider>,
    /// What costs more than all other judging together and is the same for every application: found out when the
    /// first check asks.
    pub(crate) costly: Costly,
}

/// See [`Facts::costly`].
#[derive(Debug, Default)]
pub(crate) struct Costly {
    /// The member that stands in the place of a known one that is missing.
    pub(crate) lookalikes: OnceLock<BTreeMap<&'static str, String>>,
    /// What is wrong with single values of lists.
    pub(crate) list_items: OnceLock<Vec<Finding>>,
    /// What is unsound in the numbers of the RSA keys.
    pub(crate) rsa_numbers: OnceLock<Vec<(Finding, Effect)>>,
}

impl<'a> Facts<'a> {
    /// Parses what can be parsed.
    pub fn of(evidence: &'a Evidence) -> Facts<'a> {
        let mut discovery_error = None;
        let discovery = usable(evidence, &Slot::Discovery, "discovery/reachable").and_then(|response| {
            json::read(&response.body).map_err(|error| {
                discovery_error = Some(error);
                Gap::Unusable(Slot::Discovery, "discovery/json")
            })
        });
        let metadata = discovery
            .clone()
            .and_then(|document| Metadata::of(document).ok_or(Gap::Unusable(Slot::Discovery, "discovery/json")));
        let mut jwks_error = None;
        let jwks = match (&metadata, evidence.get(&Slot::Jwks)) {
            (Err(gap), _) => Err(gap.clone()),
            (Ok(metadata), None) if metadata.string("jwks_uri").is_none() => {
                Err(Gap::Unusable(Slot::Discovery, "discovery/required-members"))
            }
            // The body is read whatever the status is: one library does not look at it.
            _ => body(evidence, &Slot::Jwks, "jwks/reachable").and_then(|response| {
                let unreadable = |e: NotJson| NoJwks { readable: false, text: e.to_string() };
                let misshapen = |text| NoJwks { readable: true, text };
                let read = json::read(&response.body).map_err(unreadable).and_then(|d| Jwks::of(d).map_err(misshapen));
                read.map_err(|error| {
                    jwks_error = Some(error);
                    Gap::Unusable(Slot::Jwks, "jwks/json")
                })
            }),
        };
        let provider = metadata.as_ref().ok().and_then(|metadata| crate::provider::recognise(metadata, evidence));
        let chain = |slot: Slot| {
            let tls = evidence.get(&slot)?.tls.as_ref()?;
            Some((slot, tls.chain.iter().map(|der| certificate::read(der)).collect()))
        };
        let certificates = [Slot::Discovery, Slot::Jwks].into_iter().filter_map(chain).collect();
        let logins = Login::all(evidence, jwks.as_ref().ok());
        Facts {
            evidence,
            discovery,
            metadata,
            discovery_error,
            jwks,
            jwks_error,
            certificates,
            logins,
            provider,
            costly: Costly::default(),
        }
    }
}

/// The issuer of the metadata that an exchange brought, if it brought any.
pub fn published_issuer(exchange: &Exchange) -> Option<String> {
    let response = exchange.outcome.as_ref().ok().filter(|r| r.status == 200)?;
    let document = json::read(&response.body).ok()?;
    document.root.get("issuer")?.as_str().map(str::to_owned)
}

/// The answer of a slot, if it came whole; else the check to blame.
fn body<'a>(evidence: &'a Evidence, slot: &Slot, blamed: &'static str) -> Result<&'a Response, Gap> {
    let exchange = evidence.get(slot).ok_or_else(|| Gap::NotGathered(slot.clone(), "nothing asked for it".into()))?;
    let whole = exchange.outcome.as_ref().ok().filter(|response| response.cut_at.is_none());
    whole.ok_or_else(|| Gap::Unusable(slot.clone(), blamed))
}

/// The same, if it is a success.
fn usable<'a>(evidence: &'a Evidence, slot: &Slot, blamed: &'static str) -> Result<&'a Response, Gap> {
    let success = |response: &&Response| (200..300).contains(&response.status);
    Some(body(evidence, slot, blamed)?).filter(success).ok_or_else(|| Gap::Unusable(slot.clone(), blamed))
}

/// Why a login says nothing about a part of an application that logs in by another flow: providers put other claims into
/// the ID token of one and of the other (OpenID Connect Core 1.0 section 5.4).
fn other_flow(flow: Flow, login: &Login<'_>) -> Option<&'static str> {
    login.callback?;
    match (flow, login.front) {
        (Flow::Implicit, false) => {
            Some("somebody logged in by the code flow, and the application uses the implicit flow")
        }
        (Flow::Code, true) => Some("somebody logged in by the implicit flow, and the application uses the code flow"),
        _ => None,
    }
}

/// Whether two issuers are the same apart from final slashes.
fn same_but_slash(a: &str, b: &str) -> bool {
    a.trim_end_matches('/') == b.trim_end_matches('/')
}

/// One case for a check.
#[derive(Debug)]
pub struct Case<'a> {
    /// What the user typed.
    pub target: &'a Target,
    /// The application.
    pub profile: &'a Profile,
    /// The part of it that is judged.
    pub part: &'a Part,
    /// The parsed evidence.
    pub facts: &'a Facts<'a>,
    /// The time of judging.
    pub now: jiff::Timestamp,
    reads: RefCell<BTreeSet<SlotKind>>,
}

impl<'a> Case<'a> {
    /// A case for one part of a profile.
    pub fn new(
        target: &'a Target,
        profile: &'a Profile,
        part: &'a Part,
        facts: &'a Facts<'a>,
        now: jiff::Timestamp,
    ) -> Self {
        Case { target, profile, part, facts, now, reads: RefCell::default() }
    }

    /// The library of the part.
    pub fn library(&self) -> &'a Library {
        &self.part.library
    }

    /// The kinds of exchange that were read through this case.
    pub fn reads(&self) -> BTreeSet<SlotKind> {
        self.reads.borrow().clone()
    }

    fn note(&self, kind: SlotKind) {
        self.reads.borrow_mut().insert(kind);
    }

    /// The exchange of a slot.
    ///
    /// # Errors
    /// [`Gap::NotGathered`] when it was not made.
    pub fn exchange(&self, slot: &Slot) -> Result<&'a Exchange, Gap> {
        self.note(slot.kind());
        let missing = || match (slot, &self.facts.jwks, &self.facts.metadata) {
            // Nobody could ask for the keys without the metadata that names them: what spoilt that is the root cause.
            (Slot::Jwks, Err(gap), _) => {
                self.note(SlotKind::Discovery);
                gap.clone()
            }
            // The same holds for everything else that the metadata names.
            (_, _, Err(gap)) if *slot != Slot::Discovery => {
                self.note(SlotKind::Discovery);
                gap.clone()
            }
            _ => Gap::NotGathered(slot.clone(), "the plan had no reason to ask for it".into()),
        };
        self.facts.evidence.get(slot).ok_or_else(missing)
    }

    /// The answer of a slot, whatever its status.
    ///
    /// # Errors
    /// [`Gap`] when there is none; `blamed` is the check that says why.
    pub fn response(&self, slot: &Slot, blamed: &'static str) -> Result<&'a Response, Gap> {
        self.exchange(slot)?.outcome.as_ref().map_err(|_| Gap::Unusable(slot.clone(), blamed))
    }

    /// All places where the metadata was looked for besides the one that was typed.
    pub fn elsewhere(&self) -> impl Iterator<Item = (&'a str, &'a Exchange)> {
        self.note(SlotKind::DiscoveryAt);
        self.facts.evidence.iter().filter_map(|(slot, exchange)| match slot {
            Slot::DiscoveryAt(url) => Some((url.as_str(), exchange)),
            _ => None,
        })
    }

    /// The certificates that the server of a document sent, the first its own; `None` for one that cannot be read.
    pub fn chain(&self, slot: &Slot) -> &'a [Option<Certificate>] {
        self.note(slot.kind());
        self.facts.certificates.get(slot).map(Vec::as_slice).unwrap_or_default()
    }

    /// The metadata as a JSON document, whatever its root is.
    ///
    /// # Errors
    /// [`Gap`] when it was not had or is no JSON.
    pub fn discovery(&self) -> Result<&'a Document, Gap> {
        self.note(SlotKind::Discovery);
        self.facts.discovery.as_ref().map_err(Gap::clone)
    }

    /// The metadata.
    ///
    /// # Errors
    /// [`Gap`] when it was not had or is no JSON object.
    pub fn metadata(&self) -> Result<&'a Metadata, Gap> {
        self.note(SlotKind::Discovery);
        self.facts.metadata.as_ref().map_err(Gap::clone)
    }

    /// The key set, as far as this library looks at it: most give up on a status that is no success.
    ///
    /// # Errors
    /// [`Gap`] when it was not had or is none.
    pub fn jwks(&self) -> Result<&'a Jwks, Gap> {
        self.note(SlotKind::Discovery);
        self.note(SlotKind::Jwks);
        let failed = self
            .facts
            .evidence
            .get(&Slot::Jwks)
            .and_then(|e| e.outcome.as_ref().ok())
            .is_some_and(|r| !(200..300).contains(&r.status));
        if failed && self.library().transport.jwks_status != crate::library::transport::StatusRule::Any {
            return Err(Gap::Unusable(Slot::Jwks, "jwks/reachable"));
        }
        self.facts.jwks.as_ref().map_err(Gap::clone)
    }

    /// Notes that the answers of an endpoint to probes were read.
    pub fn note_probe(&self, endpoint: crate::evidence::Endpoint) {
        self.note(SlotKind::Probe(endpoint));
    }

    /// The first redirect URI of the application, and how the provider can be questioned about it.
    ///
    /// # Errors
    /// [`Gap`] when there is no authorization endpoint, or no redirect URI to ask about.
    pub fn oracle(&self) -> Result<(String, crate::probe::oracle::Oracle), Gap> {
        use crate::probe::oracle::Oracle;
        let metadata = self.metadata()?;
        self.note_probe(crate::evidence::Endpoint::Authorize);
        if crate::probe::authorization_endpoint(metadata).is_none() {
            return Err(Gap::Unusable(Slot::Discovery, "discovery/required-members"));
        }
        let uris = crate::probe::redirect_uris(self.target, self.profile);
        let Some((first, _)) = uris.into_iter().next() else {
            return Err(Gap::Undecided("no redirect URI is known; give --app-url or --redirect-uri".into()));
        };
        let oracle = crate::probe::oracle::establish(self.facts.evidence, &first, self.facts.provider);
        // Many providers word both refusals alike; a secret that was taken shows which one it is.
        Ok((
            first,
            match oracle {
                Oracle::AllRefused(shape, false) if self.secret_taken() => Oracle::AllRefused(shape, true),
                oracle => oracle,
            },
        ))
    }

    fn secret_taken(&self) -> bool {
        let word = crate::plan::method_word(crate::plan::secret_method(self.target, self.profile, self.facts));
        !self.profile.public() && crate::probe::token::secret_taken(self.facts.evidence, word)
    }

    /// The issuer that was meant by what was typed. A whole discovery URL does not tell whether the issuer ends in a
    /// slash, so there the document may say.
    pub fn issuer_meant(&self) -> Cow<'a, str> {
        let typed = self.target.typed.as_str();
        let published = self.facts.metadata.as_ref().ok().and_then(|metadata| metadata.string("issuer"));
        match published {
            Some(issuer) if is_whole(typed) && same_but_slash(issuer, &issuer_of(typed)) => Cow::Borrowed(issuer),
            _ => issuer_of(typed),
        }
    }

    /// The logins.
    ///
    /// # Errors
    /// [`Gap::NotGathered`] when nobody logged in.
    pub fn logins(&self) -> Result<&'a [Login<'a>], Gap> {
        for step in LoginStep::all() {
            self.note(SlotKind::Login(step));
        }
        if self.facts.logins.is_empty() {
            return Err(Gap::NotGathered(Slot::Login(LoginStep::Tokens, "anybody".into()), "nobody logged in".into()));
        }
        if let Some(why) = self.facts.logins.iter().find_map(|login| other_flow(self.part.flow, login)) {
            return Err(Gap::Undecided(why.into()));
        }
        Ok(&self.facts.logins)
    }

    /// A place in the metadata.
    pub fn at_member(&self, metadata: &Metadata, name: &str) -> Place {
        Place { slot: Slot::Discovery, spot: metadata.spot(name) }
    }

    /// Gives a finding its effect: what the library does, or else what it means in general.
    pub fn weigh(&self, finding: Finding, refusal: Option<&Refusal>, otherwise: Effect) -> Finding {
        match refusal {
            Some(refusal) => {
                let url = self.target.discovery_url();
                let member = match &finding.place.spot {
                    Spot::Body(pointer, _) => pointer.rsplit('/').next().unwrap_or_default().to_owned(),
                    _ => String::new(),
                };
                let fill = [
                    ("seen", finding.actual.as_deref().unwrap_or("?")),
                    ("expected", finding.expected.as_deref().unwrap_or("?")),
                    ("member", member.as_str()),
                    ("url", url.as_str()),
                ];
                let symptom = self.library().symptom(refusal.rule, &fill);
                let message = format!("{}; {}", finding.message, refusal.sentence(&self.library().title));
                Finding { message, ..finding.means(Effect::LoginFails, refusal.step).symptom(symptom) }
            }
            None => {
                let step = finding.step;
                finding.means(otherwise, step)
            }
        }
    }
}
