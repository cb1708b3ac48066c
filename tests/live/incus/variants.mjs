// What is wrong, one thing at a time. Members:
//   typed, set       what is different in Incus: the issuer as typed, and oidc.* keys
//   op               what is different at the provider (see op.mjs)
//   about            what it is
//   gap              part → why oidcheck is known not to say here what Incus does
const WELL_KNOWN = '/.well-known/openid-configuration';
const page = { instead: '<!doctype html><title>Not here</title>', headers: { 'content-type': 'text/html' } };
const AUDIENCE = 'https://incus.lab.test';
const grants = ['authorization_code', 'refresh_token'];

export const VARIANTS = {
  healthy: { about: 'as it should be' },
  // ---- what is typed
  'issuer-slash': { about: 'a slash too many is typed', typed: (issuer) => `${issuer}/` },
  'wrong-path': { about: 'a path too many is typed', typed: (issuer) => `${issuer}/oidc` },
  'discovery-url': { about: 'the discovery URL is typed', typed: (issuer) => issuer + WELL_KNOWN },
  // ---- metadata
  'issuer-other': { about: 'the document is of another issuer', op: { metadata: { issuer: 'https://auth.example.test' } } },
  'discovery-500': { about: 'no document: 500', op: { http: { [WELL_KNOWN]: { ...page, status: 500 } } } },
  'discovery-html': { about: 'a page instead of the document', op: { http: { [WELL_KNOWN]: page } } },
  'discovery-type': { about: 'the document comes as text/html', op: { http: { [WELL_KNOWN]: { type: 'text/html' } } } },
  'no-authorization-endpoint': { about: 'no authorization_endpoint', op: { metadata: { authorization_endpoint: null } } },
  'no-token-endpoint': { about: 'no token_endpoint', op: { metadata: { token_endpoint: null } } },
  'no-jwks-uri': { about: 'no jwks_uri', op: { metadata: { jwks_uri: null } } },
  'scopes-string': { about: 'scopes_supported is a string', op: { metadata: { scopes_supported: 'openid email' } } },
  'no-pkce-announced': { about: 'PKCE is not announced', op: { metadata: { code_challenge_methods_supported: null } } },
  untrusted: { about: 'the certificate is of an unknown CA', untrusted: true, op: { untrusted: true } },
  // ---- the device flow
  'no-device-flow': { about: 'the provider has no device flow', op: { deviceFlow: false, client: { grant_types: grants } } },
  'no-device-grant': { about: 'the device grant is not allowed for the client', op: { client: { grant_types: grants } } },
  'no-interval': { about: 'no interval in the device answer', op: { deviceAnswer: { interval: null } } },
  'no-complete-uri': { about: 'no verification_uri_complete', op: { deviceAnswer: { verification_uri_complete: null } } },
  'no-empty-secret': { gap: { cli: 'the device request is asked without the empty client_secret that Incus sends' }, about: 'an empty client_secret is refused at the device endpoint', op: { noEmptySecret: true } },
  'device-no-audience': { about: 'the device flow gives another aud, oidc.audience is set', set: { audience: AUDIENCE }, op: { deviceAccessToken: { payload: { aud: [] } } } },
  // ---- the registration
  'redirect-typo': { gap: { cli: 'client/known speaks for every part, though the device endpoint knew the client' }, about: 'the redirect URI is registered with another path', op: { client: { redirect_uris: ['https://localhost/iodc/callback'] } } },
  'client-unknown': { about: 'another client id', op: { client: { client_id: 'incus2' } } },
  confidential: { about: 'the client has a secret', op: { client: { client_secret: 'a-secret-of-the-lab', token_endpoint_auth_method: 'client_secret_basic' } } },
  'code-burned': { gap: { web: 'the daemon remembers how the client was taken, so only its first login fails', cli: 'the exchange of a code speaks for every part' }, about: 'the rejected first attempt uses the code up', op: { burns: true } },
  'scope-email': { about: 'the scope email is not allowed', op: { client: { scope: 'openid offline_access' } } },
  'scope-openid-only': { about: 'only the scope openid is allowed', op: { client: { scope: 'openid' } } },
  // ---- the access token
  opaque: { about: 'an opaque access token', op: { opaque: true } },
  'audience-right': { about: 'oidc.audience is what the token has', set: { audience: AUDIENCE } },
  'audience-wrong': { about: 'oidc.audience is not what the token has', set: { audience: 'https://other.lab.test' } },
  'access-issuer': { about: 'the access token has another iss', op: { accessToken: { payload: { iss: 'https://localhost/adfs/services/trust' } } } },
  'access-expired': { about: 'the access token has expired', op: { accessToken: { shift: { exp: -60 } } } },
  'access-not-before': { about: 'the access token is valid in an hour', op: { accessToken: { shift: { nbf: 3600 } } } },
  'access-no-sub': { about: 'the access token has no sub', op: { accessToken: { payload: { sub: null } } } },
  'access-no-iat': { about: 'the access token has no iat', op: { accessToken: { payload: { iat: null } } } },
  'access-no-exp': { about: 'the access token has no exp', op: { accessToken: { payload: { exp: null } } } },
  'access-rogue': { about: 'the access token is signed by nobody\'s key', op: { accessToken: { rogue: true } } },
  // ---- claims
  'claim-there': { about: 'oidc.claim is in the access token', set: { claim: 'login' }, op: { accessClaims: { login: 'alice' } } },
  'claim-missing': { about: 'oidc.claim is not in the access token', set: { claim: 'login' } },
  'claim-empty': { about: 'oidc.claim is empty', set: { claim: 'login' }, op: { accessClaims: { login: '' } } },
  'claim-number': { about: 'oidc.claim is a number', set: { claim: 'login' }, op: { accessClaims: { login: 7 } } },
  'no-email': { about: 'no email in the access token', op: { accessClaims: { email: null } } },
  // ---- keys and the ID token
  es256: { about: 'ES256', op: { alg: 'ES256' } },
  ps256: { about: 'PS256', op: { alg: 'PS256' } },
  rs512: { about: 'RS512', op: { alg: 'RS512' } },
  es384: { about: 'ES384', op: { alg: 'ES384', keys: ['ES384'] } },
  'no-keys': { about: 'an empty key set', op: { noKeys: true } },
  'keys-html': { about: 'a page instead of the keys', op: { http: { '/jwks': page } } },
  'keys-encryption': { about: 'the keys are for encryption', op: { jwk: { use: 'enc' } } },
  'keys-no-kid': { about: 'the keys have no kid', op: { jwk: { kid: null } } },
  'kid-twice': { about: 'a foreign key with the same kid stands first', op: { strangerFirst: true } },
  'id-nonce': { about: 'the ID token has a nonce of its own', op: { idToken: { payload: { nonce: 'provider' } } } },
  'id-audience': { about: 'the ID token is for another client', op: { idToken: { payload: { aud: 'other' } } } },
  'id-early': { about: 'iat of the ID token is a minute ahead', op: { idToken: { shift: { iat: 60 } } } },
  'id-at-hash': { about: 'at_hash does not fit', op: { idToken: { payload: { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' } } } },
  'id-missing': { gap: { cli: 'the token response of a code speaks for every part' }, about: 'no ID token', op: { token: { id_token: null } } },
  'token-type-text': { about: 'the token response comes as text/plain', op: { http: { '/token': { type: 'text/plain' } } } },
  'userinfo-500': { about: 'userinfo fails', op: { http: { '/me': { ...page, status: 500 } } } },
};
