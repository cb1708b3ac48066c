//! The steps of a login, and of what is tried after it with the session and the tokens that it gave.

/// A step of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LoginStep {
    /// The authorization response: the redirect URI with its parameters, as the `Location` of a redirect.
    Callback,
    /// The answer to the form with the password.
    Password,
    /// The token response.
    Tokens,
    /// The userinfo response.
    Userinfo,
    /// Userinfo by POST, with the token in the header.
    UserinfoPost,
    /// Userinfo by POST, with the token in the body.
    UserinfoBody,
    /// The authorization response to a question that the session answers.
    Session(Question),
    /// The token response to the code that came of such a question.
    SessionTokens(Question),
    /// Userinfo with the ID token in the place of the access token.
    UserinfoByIdToken,
    /// Userinfo with the refresh token in the place of the access token.
    UserinfoByRefreshToken,
    /// The answer to the same code sent a second time; only when that was asked for, since it ends the tokens.
    Replay,
    /// Userinfo with the access token of the code that was sent twice.
    UserinfoAfter,
    /// A refresh with the refresh token of the code that was sent twice.
    RefreshAfter,
    /// The answer to a refresh as the application makes it.
    Refreshed,
    /// The same without client authentication.
    RefreshOpen,
    /// The refresh token that was used already.
    RefreshTwice,
    /// The refresh token that took its place, after that.
    RefreshLast,
    /// The answer to the revocation of a refresh token.
    RevokeRefresh,
    /// A refresh with the revoked token.
    RefreshRevoked,
    /// Userinfo with the access token whose refresh token was revoked.
    UserinfoEnded,
    /// The answer to the revocation of an access token.
    RevokeAccess,
    /// Userinfo with the revoked token.
    UserinfoRevoked,
    /// The end of a logout.
    Logout,
    /// A logout with a hint that nobody signed, and with a foreign address to come back to.
    ForgedLogout,
    /// The application's answer to a login at itself; only with `--through-app`, since it opens a real session.
    Application,
}

/// A question that the session answers, or should not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// `prompt=none`.
    Silent,
    /// `prompt=none` and an `id_token_hint`.
    Hint,
    /// `prompt=none` and a `claims` parameter that asks for another person.
    OtherSubject,
    /// `prompt=none` and an unsigned `id_token_hint` about another person.
    OtherHint,
    /// `prompt=login`.
    Prompt,
    /// A `max_age` that has passed.
    ShortAge,
    /// A `max_age` that has not.
    LongAge,
    /// The application's request once more, for tokens that may be used up.
    Again,
    /// The same, for a code that is redeemed with another redirect URI.
    OtherUri,
    /// The same, for a code that is redeemed with another verifier.
    OtherVerifier,
    /// The same, for a code that is redeemed without a redirect URI.
    NoUri,
    /// The same, for a code that is redeemed without a verifier.
    NoVerifier,
    /// The application's request once more, for tokens that are revoked.
    Revoked,
    /// The same after that, since a session may end with its tokens.
    Anew,
    /// `prompt=none` after the logout.
    LoggedOut,
}

impl Question {
    /// All of them.
    pub const ALL: [Question; 15] = [
        Question::Silent,
        Question::Hint,
        Question::OtherSubject,
        Question::OtherHint,
        Question::Prompt,
        Question::ShortAge,
        Question::LongAge,
        Question::Again,
        Question::OtherUri,
        Question::OtherVerifier,
        Question::NoUri,
        Question::NoVerifier,
        Question::Revoked,
        Question::Anew,
        Question::LoggedOut,
    ];

    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Question::Silent => ("silent", "silent-tokens", "the silent request"),
            Question::Hint => ("hint", "hint-tokens", "the request with a hint"),
            Question::OtherSubject => {
                ("other-subject", "other-subject-tokens", "the request whose claims parameter names another person")
            }
            Question::OtherHint => {
                ("other-hint", "other-hint-tokens", "the request with an unsigned hint about another person")
            }
            Question::Prompt => ("prompt-login", "prompt-login-tokens", "the request with prompt=login"),
            Question::ShortAge => {
                ("max-age-short", "max-age-short-tokens", "the request with a max_age that has passed")
            }
            Question::LongAge => {
                ("max-age-long", "max-age-long-tokens", "the request with a max_age that has not passed")
            }
            Question::Again => ("again", "again-tokens", "the same request again"),
            Question::OtherUri => {
                ("other-uri", "other-uri-tokens", "the request for a code to redeem with another redirect URI")
            }
            Question::OtherVerifier => {
                ("other-verifier", "other-verifier-tokens", "the request for a code to redeem with another verifier")
            }
            Question::NoUri => ("no-uri", "no-uri-tokens", "the request for a code to redeem without a redirect URI"),
            Question::NoVerifier => {
                ("no-verifier", "no-verifier-tokens", "the request for a code to redeem without a verifier")
            }
            Question::Revoked => ("revoked", "revoked-tokens", "the request for tokens that are revoked"),
            Question::Anew => ("anew", "anew-tokens", "the request after the revocation"),
            Question::LoggedOut => ("logged-out", "logged-out-tokens", "the silent request after the logout"),
        }
    }

    /// What a person calls the request.
    pub fn noun(self) -> &'static str {
        self.words().2
    }
}

impl LoginStep {
    /// All of them.
    pub fn all() -> impl Iterator<Item = LoginStep> {
        use LoginStep::*;
        let alone = [
            Callback,
            Password,
            Tokens,
            Userinfo,
            UserinfoPost,
            UserinfoBody,
            UserinfoByIdToken,
            UserinfoByRefreshToken,
            Replay,
            UserinfoAfter,
            RefreshAfter,
            Refreshed,
            RefreshOpen,
            RefreshTwice,
            RefreshLast,
            RevokeRefresh,
            RefreshRevoked,
            UserinfoEnded,
            RevokeAccess,
            UserinfoRevoked,
            Logout,
            ForgedLogout,
            Application,
        ];
        alone
            .into_iter()
            .chain(Question::ALL.into_iter().flat_map(|question| [Session(question), SessionTokens(question)]))
    }

    /// The word used in slot ids.
    pub fn word(self) -> &'static str {
        match self {
            LoginStep::Callback => "callback",
            LoginStep::Password => "password",
            LoginStep::Tokens => "tokens",
            LoginStep::Userinfo => "userinfo",
            LoginStep::UserinfoPost => "userinfo-post",
            LoginStep::UserinfoBody => "userinfo-body",
            LoginStep::UserinfoByIdToken => "userinfo-by-id-token",
            LoginStep::UserinfoByRefreshToken => "userinfo-by-refresh-token",
            LoginStep::Session(question) => question.words().0,
            LoginStep::SessionTokens(question) => question.words().1,
            LoginStep::Replay => "replay",
            LoginStep::UserinfoAfter => "userinfo-after",
            LoginStep::RefreshAfter => "refresh-after",
            LoginStep::Refreshed => "refreshed",
            LoginStep::RefreshOpen => "refresh-open",
            LoginStep::RefreshTwice => "refresh-twice",
            LoginStep::RefreshLast => "refresh-last",
            LoginStep::RevokeRefresh => "revoke-refresh",
            LoginStep::RefreshRevoked => "refresh-revoked",
            LoginStep::UserinfoEnded => "userinfo-ended",
            LoginStep::RevokeAccess => "revoke-access",
            LoginStep::UserinfoRevoked => "userinfo-revoked",
            LoginStep::Logout => "logout",
            LoginStep::ForgedLogout => "forged-logout",
            LoginStep::Application => "application",
        }
    }

    /// What is asked for, in a few words.
    pub fn asks(self) -> String {
        match self {
            LoginStep::Callback => "the application's own request, and the pages that follow".into(),
            LoginStep::Password => "the form with the password".into(),
            LoginStep::Tokens => "the code for tokens".into(),
            LoginStep::Userinfo => "who is it?".into(),
            LoginStep::UserinfoPost => "the same by POST".into(),
            LoginStep::UserinfoBody => "the same by POST, with the token in the body".into(),
            LoginStep::UserinfoByIdToken => "is the ID token refused where the access token belongs?".into(),
            LoginStep::UserinfoByRefreshToken => "is the refresh token refused there, if there is one?".into(),
            LoginStep::Session(question) => question.noun().into(),
            LoginStep::SessionTokens(Question::OtherUri) => "its code, with another redirect URI".into(),
            LoginStep::SessionTokens(Question::OtherVerifier) => "its code, with another verifier".into(),
            LoginStep::SessionTokens(Question::NoUri) => "its code, without a redirect URI".into(),
            LoginStep::SessionTokens(Question::NoVerifier) => "its code, without a verifier".into(),
            LoginStep::SessionTokens(_) => "its code for tokens, if one came".into(),
            LoginStep::Replay => "the used code once more, which ends the tokens".into(),
            LoginStep::UserinfoAfter => "does its access token still work?".into(),
            LoginStep::RefreshAfter => "does its refresh token still work?".into(),
            LoginStep::Refreshed => "a refresh, if there is a refresh token".into(),
            LoginStep::RefreshOpen => "a refresh without the secret of the client".into(),
            LoginStep::RefreshTwice => "the used refresh token once more".into(),
            LoginStep::RefreshLast => "the refresh token that took its place, after that".into(),
            LoginStep::RevokeRefresh => "the end of its refresh token, if there is one".into(),
            LoginStep::RefreshRevoked => "does that refresh token still work?".into(),
            LoginStep::UserinfoEnded => "does the access token that came with it?".into(),
            LoginStep::RevokeAccess => "the end of its access token".into(),
            LoginStep::UserinfoRevoked => "does that access token still work?".into(),
            LoginStep::Logout => "a logout, and the pages that follow".into(),
            LoginStep::ForgedLogout => "a logout with a hint that nobody signed, to a foreign address".into(),
            LoginStep::Application => "the application itself".into(),
        }
    }

    /// What a person calls it; a name follows.
    pub(crate) fn noun(self) -> String {
        match self {
            LoginStep::Callback => "authorization response for".into(),
            LoginStep::Password => "answer to the login form of".into(),
            LoginStep::Tokens => "token response for".into(),
            LoginStep::Userinfo => "userinfo response for".into(),
            LoginStep::UserinfoPost => "userinfo response by POST for".into(),
            LoginStep::UserinfoBody => "userinfo response by POST, with the token in the body, for".into(),
            LoginStep::UserinfoByIdToken => "userinfo response to the ID token of".into(),
            LoginStep::UserinfoByRefreshToken => "userinfo response to the refresh token of".into(),
            LoginStep::Session(question) => format!("answer to {} of", question.noun()),
            LoginStep::SessionTokens(question) => format!("token response to {} of", question.noun()),
            LoginStep::Replay => "answer to the used code of".into(),
            LoginStep::UserinfoAfter => "userinfo response after the used code of".into(),
            LoginStep::RefreshAfter => "answer to a refresh after the used code of".into(),
            LoginStep::Refreshed => "answer to a refresh for".into(),
            LoginStep::RefreshOpen => "answer to a refresh without client authentication for".into(),
            LoginStep::RefreshTwice => "answer to the used refresh token of".into(),
            LoginStep::RefreshLast => "answer to the refresh token after the used one of".into(),
            LoginStep::RevokeRefresh => "answer to the revocation of the refresh token of".into(),
            LoginStep::RefreshRevoked => "answer to the revoked refresh token of".into(),
            LoginStep::UserinfoEnded => "userinfo response after the revocation of the refresh token of".into(),
            LoginStep::RevokeAccess => "answer to the revocation of the access token of".into(),
            LoginStep::UserinfoRevoked => "userinfo response to the revoked access token of".into(),
            LoginStep::Logout => "end of the logout of".into(),
            LoginStep::ForgedLogout => "answer to a logout with a forged hint for".into(),
            LoginStep::Application => "answer of the application to".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Slot;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_step_has_an_id_of_its_own_that_is_read_back() {
        let ids: BTreeSet<String> = LoginStep::all()
            .map(|step| {
                let slot = Slot::Login(step, "alice".into());
                assert_eq!(Slot::from_id(&slot.id()), Some(slot.clone()));
                slot.id()
            })
            .collect();
        assert_eq!(ids.len(), LoginStep::all().count());
    }
}
