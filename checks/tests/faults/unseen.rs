//! Faults that nobody can see before a login, and the healthy provider itself.

use super::Fault;

/// By what they touch: nothing, the token's header and signature, its claims, the token response, userinfo.
const IDS: [&str; 5] = [
    "ok",
    "rotate-second-login tok-no-kid-one kid-mismatch sig-bad alg-none alg-hs256 typ-none typ-id+jwt typ-at+jwt \
     typ-lower crit-unknown header-x5c jwe-shape sig-padding",
    "tok-iss-other tok-iss-slash tok-iss-missing aud-other aud-array-one aud-extra aud-extra-azp \
     aud-extra-azp-other aud-missing aud-empty aud-number azp-other exp-5s exp-90s exp-missing exp-string \
     exp-float iat-10s iat-120s iat-missing iat-old nbf-10s nbf-400s nonce-missing nonce-other sub-missing \
     sub-number sub-empty at_hash-other at_hash-missing tok-email_verified-string tok-updated_at-string \
     tok-auth_time-string tok-amr-string tok-address-string tok-name-null tok-preferred_username-missing",
    "grant-no-id_token grant-null-id_token grant-no-access_token grant-no-token_type grant-type-lower \
     grant-type-upper grant-type-mac grant-expires-string grant-expires-null grant-no-expires \
     grant-scope-array grant-refresh-null grant-space grant-type-html grant-type-plain grant-type-none \
     grant-201 grant-redirect grant-302 grant-bom grant-gzip grant-form grant-400 grant-200-error",
    "info-sub-other info-sub-missing info-sub-number info-jwt info-jwt-as-json info-type-html info-type-plain \
     info-type-none info-type-charset info-401 info-403 info-500 info-201 info-redirect info-html info-empty \
     info-array info-bom info-email_verified-string info-updated_at-string info-address-string info-email-null \
     info-preferred_username-missing",
];

pub(crate) fn faults() -> Vec<Fault> {
    IDS.into_iter().flat_map(str::split_whitespace).map(Fault::unseen).collect()
}
