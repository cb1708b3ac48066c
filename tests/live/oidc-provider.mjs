// node-oidc-provider with confidential and public clients: as they should be, and one for each thing that people forget
// at the provider. ISSUER may differ from the address, which is the commonest mistake in the wild; PROXY=1 lets it
// believe X-Forwarded-*.
import Provider from 'oidc-provider';
import http from 'node:http';

const { PORT, ISSUER, PROXY } = process.env;
const redirect_uris = ['http://127.0.0.1:9999/cb'];
const grant_types = ['authorization_code', 'refresh_token'];
const provider = new Provider(ISSUER, {
  clients: [
    { client_id: 'web', client_secret: 's3cret-web', redirect_uris, grant_types, response_types: ['code'] },
    { client_id: 'jwt', client_secret: 's3cret-jwt-0123456789abcdef0123456789', token_endpoint_auth_method: 'client_secret_jwt', redirect_uris, grant_types, response_types: ['code'] },
    { client_id: 'strictpkce', client_secret: 's3cret-strict', redirect_uris, grant_types, response_types: ['code'] },
    { client_id: 'few', client_secret: 's3cret-few', redirect_uris, grant_types, response_types: ['code'], scope: 'openid' },
    { client_id: 'noport', client_secret: 's3cret-noport', redirect_uris: ['https://app.lab.test/cb'], grant_types, response_types: ['code'] },
    { client_id: 'spa', token_endpoint_auth_method: 'none', redirect_uris, grant_types, response_types: ['code'] },
  ],
  features: { devInteractions: { enabled: true }, deviceFlow: { enabled: true } },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'], groups: ['groups'] },
  scopes: ['openid', 'offline_access', 'email', 'profile', 'groups'],
  findAccount: async (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  pkce: { required: (_context, client) => client.clientId === 'strictpkce' },
  cookies: { keys: ['k1'] },
});
if (PROXY) provider.proxy = true;
http.createServer(provider.callback()).listen(+PORT, '127.0.0.1');
