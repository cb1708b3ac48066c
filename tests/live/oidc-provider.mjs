// node-oidc-provider with one confidential and one public client. ISSUER may differ from the address, which is the
// commonest mistake in the wild; PROXY=1 lets it believe X-Forwarded-*.
import Provider from 'oidc-provider';
import http from 'node:http';

const { PORT, ISSUER, PROXY } = process.env;
const redirect_uris = ['http://127.0.0.1:9999/cb'];
const grant_types = ['authorization_code', 'refresh_token'];
const provider = new Provider(ISSUER, {
  clients: [
    { client_id: 'web', client_secret: 's3cret-web', redirect_uris, grant_types, response_types: ['code'] },
    { client_id: 'spa', token_endpoint_auth_method: 'none', redirect_uris, grant_types, response_types: ['code'] },
  ],
  features: { devInteractions: { enabled: true }, deviceFlow: { enabled: true } },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'], groups: ['groups'] },
  scopes: ['openid', 'offline_access', 'email', 'profile', 'groups'],
  findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  cookies: { keys: ['k1'] },
});
if (PROXY) provider.proxy = true;
http.createServer(provider.callback()).listen(+PORT, '127.0.0.1');
