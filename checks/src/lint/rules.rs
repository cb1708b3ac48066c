//! The lint rules: each a [`Check`] of its own, so that reports, pages and exit codes treat them like every other check.
//!
//! They judge files and no evidence, so their `judge` is never asked by a run of checks; [`super::lint`] makes their
//! outcomes.

use crate::case::Case;
use crate::check::{Check, Tier};
use crate::evidence::SlotKind;
use crate::spec::{Clause, Spec};
use crate::verdict::{Gap, Severity, Verdict};

const LOCAL: Clause = Clause::local("what this product or application needs");

fn judge(_: &Case<'_>) -> Result<Verdict, Gap> {
    Ok(Verdict::not_applicable("lint rules judge files"))
}

/// Declares the rules and their list.
macro_rules! rules {
    ($($name:ident $id:literal $clause:expr, $title:literal, $why:literal, $remedy:literal;)*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $title, ".")]
            pub static $name: Check = Check {
                id: $id,
                title: $title,
                severity: Severity::Error,
                tier: Tier::Issuer,
                clauses: &[$clause],
                needs: &[SlotKind::File],
                why: $why,
                remedy: $remedy,
                formerly: &[],
                judge,
            };
        )*
        /// Every rule, in the order in which reports show them.
        pub static RULES: &[&Check] = &[$(&$name),*];
    };
}

rules! {
    READABLE "lint/readable" LOCAL, "the file can be read",
        "A file that cannot be parsed stops the product at its start, or is ignored.",
        "Mend the syntax at the place that is named.";
    KNOWN_KEYS "lint/known-keys" LOCAL, "every key is one that the product knows",
        "A misspelt key is refused by some products and silently ignored by others, so that a default applies.",
        "Correct the key, or remove it.";
    CURRENT_KEYS "lint/current-keys" LOCAL, "keys have their present names",
        "Old names work for a while with a warning, and stop working with the next major version.",
        "Use the new name.";
    REQUIRED_KEYS "lint/required-keys" LOCAL, "nothing that is needed is missing",
        "A missing value stops the application, or leaves it with a default that does not work.",
        "Add what is missing.";
    VALUES "lint/values" LOCAL, "values are filled in and well formed",
        "A placeholder or an empty value is taken literally.",
        "Put in the real value.";
    SECRET_STORAGE "lint/secret-storage" Clause::should(Spec::Rfc(9700), "2.5"), "secrets are stored as the product wants them",
        "A secret in clear can be read by whoever can read the file, and one that stands in a guide is known to everybody.",
        "Make a random secret, keep its digest where the product takes one, and the secret itself only in the application.";
    SECRET_FORM "lint/secret-form" LOCAL, "the secret has the form that is expected on each side",
        "A digest on the application's side, or a cut off digest on the provider's, can never match.",
        "Put the secret into the application, its digest into the provider.";
    CLIENT_TYPE "lint/client-type" Clause::must(Spec::Rfc(6749), "2.1"), "the client is public or confidential as the application is",
        "A public client has no secret, a confidential one must have it; the wrong type ends at the token endpoint.",
        "Make the client the type that the application is.";
    REDIRECT_EXACT "lint/redirect-exact" Clause::must(Spec::Core, "3.1.2.1"), "the redirect URIs that the application sends are registered",
        "A provider compares redirect URIs byte for byte; a port, a slash or a slip of the pen stops every login.",
        "Register exactly what the application sends.";
    REDIRECT_STRICT "lint/redirect-strict" Clause::must(Spec::Rfc(9700), "2.1"), "redirect URIs are no patterns",
        "Whoever finds a URI that the pattern also covers receives people's codes.",
        "Register each redirect URI by itself, compared exactly.";
    REDIRECT_FORM "lint/redirect-form" Clause::must(Spec::Rfc(6749), "3.1.2"), "redirect URIs are absolute, without fragment, over https",
        "A fragment is forbidden and several providers refuse it; plain http shows the code to the network.",
        "Use an absolute https URI without #.";
    GRANTS "lint/grants" LOCAL, "the grants that the application uses are allowed",
        "The provider refuses a flow that the client is not registered for.",
        "Allow the grant types that the application uses, and no others.";
    SCOPES "lint/scopes" LOCAL, "the scopes that the application asks for are allowed",
        "Some providers refuse the whole request for one scope that the client may not have.",
        "Let the client have every scope that the application asks for.";
    AUTH_METHOD "lint/auth-method" Clause::must(Spec::Core, "9"), "the client authenticates as the application does",
        "Many providers accept exactly the one method that the client is registered with.",
        "Set the method that the application uses.";
    PKCE "lint/pkce" Clause::must(Spec::Rfc(9700), "2.1.1"), "PKCE is required where the application sends it, and only there",
        "Required, it stops an application that sends none; not required, a stolen code is a stolen session.",
        "Require S256 exactly when the application sends it.";
    TOKEN_FORMAT "lint/token-format" LOCAL, "tokens have the form that the application can read",
        "An application that reads the access token needs a signed JWT; one that verifies signatures needs a key to verify with.",
        "Let the provider issue what the application reads.";
    CLAIMS "lint/claims" Clause::local("this application reads the claim there"), "claims are put where the application reads them",
        "A claim that is only at userinfo is missing for an application that reads the ID token.",
        "Let the provider put the claim into the token that the application reads.";
    AUDIENCE "lint/audience" Clause::must(Spec::Core, "3.1.3.7"), "the audience is the one that the application wants",
        "A token for somebody else is refused; without a check of the audience, everybody's token is taken.",
        "Use one value on both sides.";
    USERNAME "lint/username" LOCAL, "the user's name is made of something that fits and stays",
        "A name that the application cannot take stops the login; one that can pass to another person hands over the account.",
        "Take a claim that fits and that never passes to another person.";
    ISSUER "lint/issuer" Clause::must(Spec::Discovery, "4.3"), "issuer and discovery URL have the form that the application and the product want",
        "The issuer is compared byte for byte; a slash too many, or the wrong one of two URLs, stops the login.",
        "Copy the issuer from the provider's own document.";
    TLS "lint/tls" Clause::must(Spec::Core, "16.17"), "the provider's certificate is verified",
        "Without verification anybody on the way can read the secret or choose the keys.",
        "Verify the certificate; put a private root into the trust store.";
    MAPPING "lint/mapping" Clause::local("Keystone's mapping language"), "the mapping gives every person a user and their groups",
        "A rule that never applies lets nobody in; one that names an unknown group lets people in without rights.",
        "Correct the rule.";
    CORS "lint/cors" LOCAL, "pages of the application may read what the provider answers",
        "A browser hides the answer from a page of another origin unless the provider allows it, so the login stops after the code.",
        "Allow the origin of the application's pages.";
    CONSISTENCY "lint/consistency" LOCAL, "both sides say the same",
        "The two sides of a login have to agree on the client id, the secret and the redirect URI.",
        "Make both sides the same.";
    GUIDE "lint/guide" LOCAL, "the guide says nothing that misleads",
        "A sentence that is wrong costs the reader an evening.",
        "Correct the sentence.";
    UNSAID "lint/unsaid" Clause::local("know before you deploy"), "the guide says what has to be known",
        "What a guide leaves unsaid is found out in production.",
        "Say it.";
}
