//! How a provider may go about it: what it compares, what it looks at and when, and how it says no.

/// How a registered redirect URI is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Registration {
    Exact,
    /// `https://app.example.com/*`
    PathWildcard,
    /// `https://app.example.com*`
    OpenPrefix,
    /// A regular expression with bare dots: `https://app.example.com/cb`
    BareDots,
    /// A regular expression that starts with a wildcard: `https://.*app\.example\.com/cb`
    HostWildcard,
    /// After parsing, so spelling does not count.
    Parsed,
    /// Everything but the query.
    IgnoresQuery,
    Anything,
    /// Nothing is registered; the first redirect URI that comes is stored.
    FirstUse,
    /// Another one is registered.
    Other,
}

pub(crate) const REGISTRATIONS: [Registration; 10] = [
    Registration::Exact,
    Registration::PathWildcard,
    Registration::OpenPrefix,
    Registration::BareDots,
    Registration::HostWildcard,
    Registration::Parsed,
    Registration::IgnoresQuery,
    Registration::Anything,
    Registration::FirstUse,
    Registration::Other,
];

/// What a refusal looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// 400 with a page.
    Page,
    /// 400 with JSON.
    Json,
    /// 403 with nothing, as bot walls say it too.
    Forbidden,
    /// 200 with a page.
    FriendlyPage,
    /// A redirect to the provider's own error page, with the error in its query.
    OwnErrorPage,
    /// The error goes to whatever redirect URI was sent: an open redirector.
    Bounce,
}

pub(crate) const REFUSALS: [Refusal; 6] =
    [Refusal::Page, Refusal::Json, Refusal::Forbidden, Refusal::FriendlyPage, Refusal::OwnErrorPage, Refusal::Bounce];

/// What comes of a good request from somebody who is not logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silent {
    /// `login_required` in the query.
    Query,
    /// The same in the fragment.
    Fragment,
    /// The same by a page that posts itself.
    FormPost,
    /// `prompt=none` is not looked at: a login page at a path of its own for every request.
    Ignored,
    /// `prompt=none` is an error page of its own.
    ErrorPage,
    /// It fails over `prompt=none`, after it has looked at the client and the redirect URI; without that, it looks at
    /// them only after the login.
    Fails,
    /// A code comes at once: everybody is logged in.
    Code,
}

pub(crate) const SILENTS: [Silent; 7] = [
    Silent::Query,
    Silent::Fragment,
    Silent::FormPost,
    Silent::Ignored,
    Silent::ErrorPage,
    Silent::Fails,
    Silent::Code,
];

/// What the token endpoint looks at, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tokens {
    /// The client, then the code.
    ClientFirst,
    /// As Keycloak says it: `unauthorized_client` for a wrong secret.
    Unauthorized,
    /// The client, then the code, with errors of its own; a refresh token gets an empty answer.
    OwnErrors,
    /// The code, before the client.
    CodeFirst,
    /// The redirect URI first: a wrong one is `invalid_client`, whatever the secret; a refresh token has none.
    RedirectFirst,
    /// The client is public: any secret will do.
    AnySecret,
    /// A server error.
    Broken,
    /// Too many requests.
    Busy,
}

/// Which of two redirect URIs counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twice {
    /// None: the request is refused.
    Refused,
    First,
    Last,
    /// The first is looked at, the last is used.
    Confused,
}

/// What becomes of a request object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Objects {
    /// Refused as the specification says.
    Refused,
    OtherError,
    /// Nobody looks at it.
    PassedOver,
    /// It counts.
    Read,
    /// Its redirect URI is used, and the one beside it is looked at.
    Obeyed,
    /// Its redirect URI is looked at, and the one beside it is used.
    UsesOuter,
}

/// What a token endpoint fails to mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slip {
    /// A client that shows no secret.
    NoSecret,
    EmptySecret,
    /// A JWT that nobody signed.
    Unsigned,
    Get,
    /// Two codes.
    Twice,
    /// A client that does not say who it is.
    Nameless,
    /// It minds too much: a parameter that it does not know.
    StopsAtUnknown,
}
