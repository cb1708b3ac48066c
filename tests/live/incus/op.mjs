// node-oidc-provider as Incus needs it (a public client, the device flow, JWT access tokens), and wrong in whatever way
// is asked for at run time. Loopback only.
//
//   node op.mjs        PORT, UNTRUSTED_PORT, TLS_KEY, TLS_CERT, UNTRUSTED_KEY, UNTRUSTED_CERT, CLIENTS (JSON)
//
// PUT /_variant takes a variant as JSON, see variants.mjs for the members and what they are for; GET /_log returns the
// requests since then. A person is whoever types a name: /interaction is oidc-provider's own development page.
import Provider from 'oidc-provider';
import crypto from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';

const { PORT, UNTRUSTED_PORT, TLS_KEY, TLS_CERT, UNTRUSTED_KEY, UNTRUSTED_CERT, CLIENTS } = process.env;
const BASE = `https://localhost:${PORT}`, UNTRUSTED = `https://localhost:${UNTRUSTED_PORT}`;
const AUDIENCE = 'https://incus.lab.test';

// ---- keys and tokens
const keys = new Map();
function key(name) {
  if (!keys.has(name)) {
    const curve = { ES256: 'P-256', ES384: 'P-384' }[name.split('-')[0]];
    const pair = curve ? crypto.generateKeyPairSync('ec', { namedCurve: curve }) : crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
    keys.set(name, { ...pair.privateKey.export({ format: 'jwk' }), kid: name, use: 'sig' });
  }
  return keys.get(name);
}
const b64 = (x) => Buffer.from(JSON.stringify(x)).toString('base64url');
function sign(header, payload, jwk) {
  const input = `${b64(header)}.${b64(payload)}`, hash = `sha${header.alg.slice(2)}`;
  const how = { E: { dsaEncoding: 'ieee-p1363' }, P: { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } }[header.alg[0]];
  return `${input}.${crypto.sign(hash, Buffer.from(input), { key: jwk, format: 'jwk', ...how }).toString('base64url')}`;
}
// null takes a member away.
const patch = (object, changes = {}) => {
  for (const [name, value] of Object.entries(changes)) if (value === null) delete object[name]; else object[name] = value;
  return object;
};
/** A token with another header or payload, times counted from now, and a signature that fits again unless `rogue`. */
function remint(token, change) {
  if (!change || (token ?? '').split('.').length !== 3) return token;
  const [header, payload] = token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  patch(header, change.header); patch(payload, change.payload);
  for (const [name, seconds] of Object.entries(change.shift ?? {})) payload[name] = Math.floor(Date.now() / 1000) + seconds;
  const by = change.rogue ? 'RS256-rogue' : header.alg.startsWith('ES') ? header.alg : 'RS256';
  return sign(header, payload, key(by));
}

// ---- the provider, made anew for every variant
let variant = {}, answer, log = [];
function build() {
  const resource = {
    enabled: true, defaultResource: () => AUDIENCE, useGrantedResource: () => true,
    getResourceServerInfo: () => ({ scope: '', audience: AUDIENCE, accessTokenFormat: 'jwt', accessTokenTTL: 600, jwt: { sign: { alg: variant.alg ?? 'RS256' } } }),
  };
  const provider = new Provider(variant.untrusted ? UNTRUSTED : BASE, {
    clients: JSON.parse(CLIENTS).map((client) => patch({ ...client, ...(variant.alg && { id_token_signed_response_alg: variant.alg }) }, variant.client)),
    jwks: { keys: (variant.keys ?? ['RS256', 'ES256']).map(key) },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'PS256', 'ES384', 'RS512'] },
    features: {
      devInteractions: { enabled: true }, deviceFlow: { enabled: variant.deviceFlow ?? true },
      ...(!variant.opaque && { resourceIndicators: resource }),
    },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    scopes: ['openid', 'offline_access', 'email', 'profile'],
    conformIdTokenClaims: false,
    extraTokenClaims: (_context, token) => patch({ email: `${token.accountId}@example.test` }, variant.accessClaims),
    findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, email: `${id}@example.test`, email_verified: true, name: id, preferred_username: id }) }),
    pkce: { required: () => variant.pkceRequired ?? true },
    cookies: { keys: ['lab'] },
    ttl: { Session: 600, Grant: 600, Interaction: 600, AccessToken: 600, IdToken: 600, DeviceCode: 600, RefreshToken: 600 },
  });
  provider.proxy = true;
  for (const event of ['grant.error', 'authorization.error']) provider.on(event, (_context, error) => log.push(`${event} ${error.error}: ${error.error_description}`));
  provider.use(async (context, next) => {
    const broken = variant.http?.[context.path];
    if (broken?.instead) { context.status = broken.status ?? 200; context.set(broken.headers ?? {}); context.body = broken.instead; return; }
    await next();
    change(context);
    if (broken?.wait) await new Promise((done) => setTimeout(done, broken.wait));
    if (broken?.status) context.status = broken.status;
    if (broken?.type) { if (typeof context.body === 'object') context.body = JSON.stringify(context.body); context.set('content-type', broken.type); }
  });
  answer = provider.callback();
}
function change(context) {
  if (context.path.startsWith('/auth/') && context.response.get('location') && variant.callback) {
    const location = new URL(context.response.get('location'));
    for (const [name, value] of Object.entries(variant.callback)) if (value === null) location.searchParams.delete(name); else location.searchParams.set(name, value);
    if (location.searchParams.has('code')) context.set('location', location.href);
  }
  let body = context.body;
  if (typeof body === 'string' || Buffer.isBuffer(body)) { try { body = JSON.parse(body); } catch { return; } }
  if (!body || typeof body !== 'object' || body.pipe) return;
  body = { ...body };
  if (context.path === '/.well-known/openid-configuration') context.body = patch(body, variant.metadata);
  if (context.path === '/jwks') {
    const list = variant.noKeys ? [] : body.keys.map((jwk) => patch({ ...jwk }, variant.jwk));
    context.body = { keys: variant.strangerFirst ? [{ ...publicHalf(key('RS256-rogue')), kid: list[0].kid }, ...list] : list };
  }
  if (context.path === '/token' && body.access_token) {
    // The command line tries a refresh when its token is refused, so that has to be as wrong.
    const device = !context.oidc?.entities?.AuthorizationCode;
    body.access_token = remint(body.access_token, variant.accessToken);
    if (device) body.access_token = remint(body.access_token, variant.deviceAccessToken);
    body.id_token = remint(body.id_token, variant.accessToken && !variant.idToken ? { payload: { at_hash: null } } : variant.idToken);
    context.body = patch(body, variant.token);
  }
  if (context.path === '/device/auth' && body.device_code) context.body = patch({ interval: 1, ...body }, variant.deviceAnswer);
}
const publicHalf = ({ kty, n, e, kid, use }) => ({ kty, n, e, kid, use });

// ---- HTTP
const burned = new Set();
function serve(request, response) {
  const path = request.url.split('?')[0];
  const read = (then) => { const chunks = []; request.on('data', (chunk) => chunks.push(chunk)).on('end', () => then(Buffer.concat(chunks).toString())); };
  const form = (then) => read((text) => { request.body = Object.fromEntries(new URLSearchParams(text)); then(request.body); });
  if (path === '/_log') { response.end(log.splice(0).join('\n')); return; }
  if (path === '/_variant') {
    read((text) => {
      try { variant = JSON.parse(text); log = []; build(); response.end('ok'); } catch (error) { response.statusCode = 500; response.end(String(error.stack)); }
    });
    return;
  }
  response.on('finish', () => log.push(`${request.method} ${request.url} ${response.statusCode}`));
  const refuse = (status, error) => { response.writeHead(status, { 'content-type': 'application/json' }); response.end(JSON.stringify({ error })); };
  if (path === '/token' && variant.burns) {
    // A provider that uses a code up although the client could not be authenticated.
    form(({ code }) => {
      if (/^Basic /.test(request.headers.authorization)) { burned.add(code); refuse(401, 'invalid_client'); }
      else if (burned.has(code)) refuse(400, 'invalid_grant');
      else answer(request, response);
    });
    return;
  }
  if (path === '/device/auth' && variant.noEmptySecret) {
    form((body) => {
      if ('client_secret' in body) refuse(401, 'invalid_client'); else answer(request, response);
    });
    return;
  }
  answer(request, response);
}
build();
const listen = (keyFile, certFile, port) => https.createServer({ key: fs.readFileSync(keyFile), cert: fs.readFileSync(certFile) }, serve).listen(+port, '127.0.0.1');
listen(UNTRUSTED_KEY, UNTRUSTED_CERT, UNTRUSTED_PORT);
listen(TLS_KEY, TLS_CERT, PORT).on('listening', () => console.log('ready'));
