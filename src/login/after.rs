//! What is tried after a login, with the session and the tokens that it gave.
//!
//! Questions that the session answers change nothing and belong to `--depth thorough`; what uses tokens up or ends the
//! session belongs to `--abuse`. Each question is one authorization request, and one token request where a code comes.

use super::tokens::{self, Given, Posted};
use super::{Asking, Credentials, flow, random, watch};
use crate::gather::Sender;
use crate::gather::jar::Jar;
use oidcheck_checks::evidence::{Evidence, Exchange, LoginStep, Question, Slot};
use oidcheck_checks::library::tokens::Authentication;
use oidcheck_checks::probe::CONTROL_URI;
use oidcheck_checks::probe::session::{self, LOGOUT_STATE};
use std::time::{Duration, Instant};

/// What a login may ask, in this order, for `--dry-run`: each is one request, and what comes of its redirects.
pub(crate) fn steps(form: bool, device: bool, asks_again: bool, thorough: bool, abuse: bool) -> Vec<LoginStep> {
    use LoginStep::{
        Callback, ForgedLogout, Logout, Password, RefreshAfter, RefreshLast, RefreshOpen, RefreshRevoked, RefreshTwice,
        Refreshed, Replay, RevokeAccess, RevokeRefresh, Session, SessionTokens, Tokens, Userinfo, UserinfoAfter,
        UserinfoBody, UserinfoByIdToken, UserinfoByRefreshToken, UserinfoEnded, UserinfoPost, UserinfoRevoked,
    };
    let both = |questions: &[Question]| -> Vec<LoginStep> {
        questions.iter().flat_map(|question| [Session(*question), SessionTokens(*question)]).collect()
    };
    let mut all = if device { Vec::new() } else { vec![Callback] };
    all.extend(form.then_some(Password));
    all.extend([Tokens, Userinfo]);
    if thorough && !device {
        all.extend([UserinfoPost, UserinfoBody]);
    }
    if form && thorough {
        all.extend(both(&SESSION));
    } else if form && asks_again {
        all.extend(both(&[Question::Prompt]));
    }
    let refresh = [Refreshed, RefreshOpen, RefreshTwice, RefreshLast];
    match (abuse, form) {
        (false, _) => {}
        (true, true) => {
            if !thorough {
                all.extend(both(&[Question::Silent]));
            }
            all.extend([UserinfoByIdToken, UserinfoByRefreshToken, Replay, UserinfoAfter, RefreshAfter]);
            all.extend(both(&[Question::Again]));
            all.extend(refresh);
            all.extend(both(&OTHERWISE));
            all.extend(both(&[Question::Revoked]));
            all.extend([RevokeRefresh, RefreshRevoked, UserinfoEnded, RevokeAccess, UserinfoRevoked]);
            all.extend(both(&[Question::Anew]));
            all.push(Logout);
            all.extend(both(&[Question::LoggedOut]));
            all.push(ForgedLogout);
        }
        (true, false) if device => all.extend(refresh),
        (true, false) => {
            all.extend(refresh);
            // A refresh token that was used says nothing where it is out of place.
            all.extend([UserinfoByIdToken, UserinfoByRefreshToken, Replay, UserinfoAfter, RefreshAfter]);
        }
    }
    all
}

/// The same for the implicit flow, after which nothing is tried.
pub(crate) fn implicit_steps(form: bool, response_type: &str) -> Vec<LoginStep> {
    let asks = response_type.split(' ').any(|word| word == "token");
    let typed = form.then_some(LoginStep::Password);
    std::iter::once(LoginStep::Callback).chain(typed).chain(asks.then_some(LoginStep::Userinfo)).collect()
}

/// What the session is asked, in this order; the last one waits until the login is old enough.
const SESSION: [Question; 7] = [
    Question::Silent,
    Question::Hint,
    Question::OtherSubject,
    Question::OtherHint,
    Question::LongAge,
    Question::Prompt,
    Question::ShortAge,
];

/// Codes that are redeemed otherwise than they were asked for.
const OTHERWISE: [Question; 4] = [Question::OtherUri, Question::NoUri, Question::OtherVerifier, Question::NoVerifier];

/// Where the provider is asked, and as whom.
pub(super) struct Trying<'a> {
    pub(super) sender: Sender<'a>,
    pub(super) asking: &'a Asking,
    pub(super) token_endpoint: &'a str,
    pub(super) userinfo_endpoint: Option<&'a str>,
    pub(super) library: &'a [Authentication],
    pub(super) proof: tokens::Proof,
    pub(super) persona: &'a str,
    /// When the person logged in.
    pub(super) since: Instant,
}

impl Trying<'_> {
    pub(super) fn record(&self, evidence: &mut Evidence, step: LoginStep, exchange: Exchange) {
        evidence.record(Slot::Login(step, self.persona.into()), exchange);
    }

    pub(super) async fn redeem(
        &self,
        asking: &Asking,
        code: &str,
        ways: &[Authentication],
    ) -> Result<(Exchange, Given), String> {
        tokens::redeem(&self.sender, asking, self.token_endpoint, code, ways, self.proof).await
    }

    /// Userinfo by POST, both ways.
    pub(super) async fn post_userinfo(&self, given: &Given, evidence: &mut Evidence) -> Result<(), String> {
        let (Some(url), Some(access)) = (self.userinfo_endpoint, &given.access) else { return Ok(()) };
        for (how, step) in [(Posted::InHeader, LoginStep::UserinfoPost), (Posted::InBody, LoginStep::UserinfoBody)] {
            self.record(evidence, step, tokens::post_userinfo(&self.sender, url, access, how).await?);
        }
        Ok(())
    }

    /// What the session answers without anybody typing. Where it answers nothing there is no session, and nothing more is asked.
    pub(super) async fn ask_session(
        &self,
        given: &Given,
        jar: &mut Jar,
        evidence: &mut Evidence,
    ) -> Result<(), String> {
        for question in SESSION {
            if question == Question::ShortAge {
                let ago = self.since.elapsed();
                tokio::time::sleep(Duration::from_secs(session::SHORT_WAIT).saturating_sub(ago)).await;
            }
            if !self.ask(question, given, jar, evidence).await? && question == Question::Silent {
                break;
            }
        }
        Ok(())
    }

    /// One question; tells whether a code came.
    pub(super) async fn ask(
        &self,
        question: Question,
        given: &Given,
        jar: &mut Jar,
        evidence: &mut Evidence,
    ) -> Result<bool, String> {
        let asking = self.asking.anew(&session::parameters(question, given.id.as_deref()))?;
        let (exchange, code) = watch::authorize(&self.sender, jar, asking.request(), &asking.redirect_uri).await;
        self.record(evidence, LoginStep::Session(question), exchange);
        let Some(code) = code else { return Ok(false) };
        let (exchange, _) = self.redeem(&asking, &code, &[given.way]).await?;
        self.record(evidence, LoginStep::SessionTokens(question), exchange);
        Ok(true)
    }

    /// Userinfo with the other tokens in the place of the access token. A refresh token that was used already says nothing.
    async fn misplace(&self, given: &Given, refreshed: bool, evidence: &mut Evidence) -> Result<(), String> {
        let Some(url) = self.userinfo_endpoint else { return Ok(()) };
        let refresh = given.refresh.as_ref().filter(|_| !refreshed);
        let others = [(LoginStep::UserinfoByIdToken, given.id.as_ref()), (LoginStep::UserinfoByRefreshToken, refresh)];
        for (step, token) in others {
            // Some providers give one token under both names.
            if let Some(token) = token.filter(|token| given.access.as_ref() != Some(*token)) {
                self.record(evidence, step, tokens::userinfo(&self.sender, url, token).await?);
            }
        }
        Ok(())
    }

    /// The other tokens where the access token belongs; then the used code once more, and what its tokens are good for
    /// after that.
    pub(super) async fn replay(
        &self,
        given: &Given,
        code: &str,
        refreshed: bool,
        evidence: &mut Evidence,
    ) -> Result<(), String> {
        // Before the tokens end.
        self.misplace(given, refreshed, evidence).await?;
        let (again, _) = self.redeem(self.asking, code, self.library).await?;
        self.record(evidence, LoginStep::Replay, again);
        if let (Some(url), Some(access)) = (self.userinfo_endpoint, &given.access) {
            let exchange = tokens::userinfo(&self.sender, url, access).await?;
            self.record(evidence, LoginStep::UserinfoAfter, exchange);
        }
        // One that was used already says nothing about the code.
        if let (Some(refresh), false) = (&given.refresh, refreshed) {
            let (id, url) = (&self.asking.client_id, self.token_endpoint);
            let (exchange, _) = tokens::refresh(&self.sender, id, url, refresh, given.way).await?;
            self.record(evidence, LoginStep::RefreshAfter, exchange);
        }
        Ok(())
    }

    /// A refresh as the application makes it, then as a thief would.
    pub(super) async fn try_refresh(&self, given: &Given, evidence: &mut Evidence) -> Result<(), String> {
        let client = (self.asking.client_id.as_str(), self.token_endpoint, self.proof);
        try_refresh(&self.sender, client, given, &mut |step, exchange| self.record(evidence, step, exchange)).await
    }

    /// The application's own request again, in the session: gives code and request.
    pub(super) async fn again(
        &self,
        question: Question,
        credentials: &Credentials,
        jar: &mut Jar,
        evidence: &mut Evidence,
    ) -> Result<Option<(Asking, String)>, String> {
        let asking = self.asking.anew(&[])?;
        let request = asking.request();
        let uri = &asking.redirect_uri;
        let (callback, to) = flow::authorize(&self.sender, jar, request, uri, credentials, &mut |_| ()).await?;
        self.record(evidence, LoginStep::Session(question), callback);
        let code = to.and_then(|to| url::Url::parse(&to).ok()).and_then(|to| flow::parameter(&to, "code"));
        Ok(code.map(|code| (asking, code)))
    }

    /// With fresh codes: refreshing, and codes that are redeemed otherwise than they were asked for.
    pub(super) async fn with_fresh_codes(
        &self,
        credentials: &Credentials,
        given: &Given,
        jar: &mut Jar,
        evidence: &mut Evidence,
    ) -> Result<(), String> {
        if given.refresh.is_some()
            && let Some((asking, code)) = self.again(Question::Again, credentials, jar, evidence).await?
        {
            let (exchange, fresh) = self.redeem(&asking, &code, &[given.way]).await?;
            self.record(evidence, LoginStep::SessionTokens(Question::Again), exchange);
            self.try_refresh(&fresh, evidence).await?;
        }
        for question in OTHERWISE {
            let about_verifier = matches!(question, Question::OtherVerifier | Question::NoVerifier);
            if about_verifier && self.asking.verifier.is_none() {
                continue;
            }
            let Some((mut asking, code)) = self.again(question, credentials, jar, evidence).await? else { continue };
            match question {
                Question::OtherUri => asking.redirect_uri.push_str(session::OTHER_URI),
                Question::NoUri => asking.redirect_uri.clear(),
                Question::NoVerifier => asking.verifier = None,
                _ => asking.verifier = Some(random()?),
            }
            let (exchange, _) = self.redeem(&asking, &code, &[given.way]).await?;
            self.record(evidence, LoginStep::SessionTokens(question), exchange);
        }
        Ok(())
    }

    /// The logout as the application would begin it, whether it is one, and one with a hint that nobody signed.
    pub(super) async fn log_out(
        &self,
        endpoint: &str,
        homes: &[String],
        given: &Given,
        jar: &mut Jar,
        evidence: &mut Evidence,
    ) -> Result<(), String> {
        let Some(hint) = &given.id else { return Ok(()) };
        tokens::private(endpoint, "the ID token")?;
        let all: Vec<&str> = homes.iter().map(String::as_str).chain([CONTROL_URI]).collect();
        let home = homes.first().map(String::as_str);
        let request = flow::get(&session::logout(endpoint, &self.asking.client_id, hint, home, LOGOUT_STATE));
        let exchange = watch::leave(&self.sender, jar, request, &all, true).await;
        self.record(evidence, LoginStep::Logout, exchange);
        self.ask(Question::LoggedOut, given, jar, evidence).await?;
        let Some(forged) = session::forged(hint) else { return Ok(()) };
        let request =
            flow::get(&session::logout(endpoint, &self.asking.client_id, &forged, Some(CONTROL_URI), LOGOUT_STATE));
        let exchange = watch::leave(&self.sender, jar, request, &all, false).await;
        self.record(evidence, LoginStep::ForgedLogout, exchange);
        Ok(())
    }
}

/// A refresh as the application makes it, then as a thief would. The client is its id, the token endpoint, and whether it has a secret.
pub(super) async fn try_refresh(
    sender: &Sender<'_>,
    (client_id, url, proof): (&str, &str, tokens::Proof),
    given: &Given,
    record: &mut dyn FnMut(LoginStep, Exchange),
) -> Result<(), String> {
    let Some(first) = &given.refresh else { return Ok(()) };
    let (exchange, after) = tokens::refresh(sender, client_id, url, first, given.way).await?;
    record(LoginStep::Refreshed, exchange);
    // Where none came there is nothing that a thief could have, whatever the status says.
    if after.access.is_none() {
        return Ok(());
    }
    let current = after.refresh.as_ref().filter(|token| !token.is_empty()).unwrap_or(first);
    if proof != tokens::Proof::Nothing {
        let (exchange, _) = tokens::refresh(sender, client_id, url, current, Authentication::None).await?;
        record(LoginStep::RefreshOpen, exchange);
    }
    let (exchange, _) = tokens::refresh(sender, client_id, url, first, given.way).await?;
    let refused = exchange.outcome.as_ref().is_ok_and(|response| matches!(response.status, 400 | 401));
    record(LoginStep::RefreshTwice, exchange);
    if refused && current != first {
        let (exchange, _) = tokens::refresh(sender, client_id, url, current, given.way).await?;
        record(LoginStep::RefreshLast, exchange);
    }
    Ok(())
}

impl Asking {
    /// The same request with secrets of its own and these parameters in place of others. Nothing lasts longer than the
    /// person is there, so questions ask for no access while they are away.
    fn anew(&self, parameters: &[(&str, String)]) -> Result<Asking, String> {
        let mut asking = self.clone();
        asking.state = random()?;
        asking.nonce = self.nonce.as_ref().map(|_| random()).transpose()?;
        asking.verifier = self.verifier.as_ref().map(|_| random()).transpose()?;
        if !parameters.is_empty() {
            asking
                .extra
                .retain(|(name, _)| !matches!(name.as_str(), "prompt" | "max_age" | "id_token_hint" | "claims"));
            asking.extra.extend(parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
            let scopes = self.scope.split(' ').filter(|scope| *scope != "offline_access");
            asking.scope = scopes.collect::<Vec<_>>().join(" ");
        }
        Ok(asking)
    }
}
