//! Who a token is about, and when it was issued, when nothing of it can be.

use super::{
    CLIENT, Claims, Degraded, LoginFails, Mutation, Provider, Unsafe, Untidy, claim, groups, log_in_as, of, seen,
};

pub(super) fn mutations() -> Vec<Mutation> {
    [times(), subjects(), people()].into_iter().flatten().collect()
}

/// Another subject of the access token alone, which has an id of its own.
fn access(claims: &mut Claims, sub: &str) {
    if claims.contains_key("jti") {
        claim("sub")(claims, sub.into());
    }
}

fn times() -> Vec<Mutation> {
    vec![
        of("id-token/lifetime", "generic", Degraded, "in milliseconds", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("exp")(c, (at * 1000).into());
            };
        }),
        of("id-token/lifetime", "generic", Untidy, "ten years", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("exp")(c, (at + 315_360_000).into());
            };
        }),
        of("id-token/auth-time", "generic", Untidy, "in milliseconds", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("auth_time")(c, (at * 1000).into());
            };
        }),
        of("id-token/auth-time", "generic", Untidy, "in the future", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("auth_time")(c, (at + 3600).into());
            };
        }),
        of("id-token/auth-time", "generic", Untidy, "zero", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("auth_time")(c, 0.into());
            };
        }),
    ]
}

fn subjects() -> Vec<Mutation> {
    vec![
        of("id-token/subject", "generic", Unsafe, "a space", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("sub")(c, " ".into());
            };
            p.login.person = |u| claim("sub")(u, " ".into());
        })
        .also(&[("claims/types", "sub is the user's name there")]),
        of("id-token/subject", "generic", Unsafe, "the client", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("sub")(c, CLIENT.into());
            };
            p.login.person = |u| claim("sub")(u, CLIENT.into());
        }),
        of("id-token/subject", "generic", Degraded, "a template", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("sub")(c, "${user.id}".into());
            };
            p.login.person = |u| claim("sub")(u, "${user.id}".into());
        }),
        of("access-token/subject", "netbird", Degraded, "a service", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                access(c, "service");
            };
        }),
        of("access-token/subject", "netbird", Unsafe, "the client", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                access(c, CLIENT);
            };
        }),
        of("access-token/subject", "incus", Untidy, "a service, and the application reads the address", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                access(c, "service");
            };
        }),
    ]
}

fn people() -> Vec<Mutation> {
    vec![
        of("token-response/scope-granted", "generic", Untidy, "commas", |p| {
            p.login.grant = |g| drop(g.insert("scope".into(), "openid,profile,email".into()));
        }),
        of("claims/types", "xen-orchestra", LoginFails, "a blank name", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("preferred_username")(c, " ".into());
            };
        }),
        of("claims/email-verified", "proxmox", Degraded, "not verified", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("email_verified")(c, false.into());
            };
            p.login.person = |u| claim("email_verified")(u, false.into());
        }),
        of("claims/email-verified", "oauth2-proxy", LoginFails, "not verified, and refused", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                claim("email_verified")(c, false.into());
            };
            p.login.person = |u| claim("email_verified")(u, false.into());
        }),
        of("claims/email-verified", "vaultwarden", LoginFails, "nothing says so, and that is refused", |p| {
            p.login.claims = |c, at| {
                groups(c, at);
                c.shift_remove("email_verified");
            };
            p.login.person = |u| drop(u.shift_remove("email_verified"));
        }),
        seen("claims/unique-subject", "generic", Unsafe, "bob has the sub of alice", |e| {
            let mut bob = Provider::healthy("good");
            bob.login.claims = |c, at| {
                groups(c, at);
                claim("preferred_username")(c, "bob".into());
                claim("email")(c, "bob@example.test".into());
            };
            bob.login.person = |u| {
                claim("preferred_username")(u, "bob".into());
                claim("email")(u, "bob@example.test".into());
            };
            log_in_as("bob", &bob, e, true);
        }),
    ]
}
