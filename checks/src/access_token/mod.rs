//! The access token, for applications that look into it.

group![jwt_if_needed, signature, issuer, audience, subject, kid, times, size,];
