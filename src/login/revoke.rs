//! What becomes of tokens that are revoked (RFC 7009), with tokens of their own.

use super::after::Trying;
use super::tokens::{self, Given};
use super::{Asking, Credentials};
use crate::gather::jar::Jar;
use oidcheck_checks::evidence::{Evidence, LoginStep, Question};

impl Trying<'_> {
    /// Revokes the refresh token of a fresh code, and the access token if that one lives on. Gives the tokens of a login after
    /// that, with which the person can be logged out, since some providers end the session with its tokens; none when
    /// nothing was revoked.
    pub(super) async fn revoke(
        &self,
        endpoint: &str,
        credentials: &Credentials,
        given: &Given,
        jar: &mut Jar,
        evidence: &mut Evidence,
    ) -> Result<Option<Given>, String> {
        let to = (credentials, given, &mut *jar);
        let Some((asking, fresh)) = self.fresh(Question::Revoked, to, evidence).await? else { return Ok(None) };
        let mut lives = true;
        if let Some(refresh) = &fresh.refresh
            && self
                .end(LoginStep::RevokeRefresh, &asking, endpoint, ("refresh_token", refresh), given, evidence)
                .await?
        {
            let (id, url) = (&asking.client_id, self.token_endpoint);
            let (exchange, _) = tokens::refresh(&self.sender, id, url, refresh, given.way).await?;
            self.record(evidence, LoginStep::RefreshRevoked, exchange);
            lives = self.works(LoginStep::UserinfoEnded, &fresh, evidence).await?;
        }
        if let Some(access) = &fresh.access
            && lives
            && self.end(LoginStep::RevokeAccess, &asking, endpoint, ("access_token", access), given, evidence).await?
        {
            self.works(LoginStep::UserinfoRevoked, &fresh, evidence).await?;
        }
        let anew = self.fresh(Question::Anew, (credentials, given, jar), evidence).await?;
        // Without it there is no session that could end with the logout.
        let nothing = Given { access: None, refresh: None, id: None, way: given.way };
        Ok(Some(anew.map_or(nothing, |(_, anew)| anew)))
    }

    /// Tokens of another code of the same person.
    async fn fresh(
        &self,
        question: Question,
        (credentials, given, jar): (&Credentials, &Given, &mut Jar),
        evidence: &mut Evidence,
    ) -> Result<Option<(Asking, Given)>, String> {
        let Some((asking, code)) = self.again(question, credentials, jar, evidence).await? else { return Ok(None) };
        let (exchange, fresh) = self.redeem(&asking, &code, &[given.way]).await?;
        self.record(evidence, LoginStep::SessionTokens(question), exchange);
        Ok(Some((asking, fresh)))
    }

    /// Revokes a token; tells whether the provider says that it did.
    async fn end(
        &self,
        step: LoginStep,
        asking: &Asking,
        endpoint: &str,
        token: (&str, &str),
        given: &Given,
        evidence: &mut Evidence,
    ) -> Result<bool, String> {
        let exchange = tokens::revoke(&self.sender, &asking.client_id, endpoint, token, given.way).await?;
        let done = exchange.outcome.as_ref().is_ok_and(|response| (200..300).contains(&response.status));
        self.record(evidence, step, exchange);
        Ok(done)
    }

    /// Asks userinfo with an access token; tells whether it works, which it may where there is no userinfo to ask.
    async fn works(&self, step: LoginStep, of: &Given, evidence: &mut Evidence) -> Result<bool, String> {
        let (Some(url), Some(access)) = (self.userinfo_endpoint, &of.access) else { return Ok(true) };
        let exchange = tokens::userinfo(&self.sender, url, access).await?;
        let works = exchange.outcome.as_ref().is_ok_and(|response| response.status == 200);
        self.record(evidence, step, exchange);
        Ok(works)
    }
}
