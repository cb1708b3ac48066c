import json, urllib.request as u
K = 'http://127.0.0.1:17500/v3'
def call(m, p, b=None, t=None):
    q = u.Request(K + p, json.dumps(b).encode() if b else None, {'content-type': 'application/json', **({'X-Auth-Token': t} if t else {})}, method=m)
    r = u.urlopen(q); return r.headers, json.loads(r.read() or 'null')
who = {'methods': ['password'], 'password': {'user': {'name': 'admin', 'domain': {'id': 'default'}, 'password': 'pw'}}}
t = call('POST', '/auth/tokens', {'auth': {'identity': who, 'scope': {'project': {'name': 'admin', 'domain': {'id': 'default'}}}}})[0]['X-Subject-Token']
rules = [{'local': [{'user': {'name': '{0}', 'email': '{1}'}, 'group': {'name': 'admins', 'domain': {'name': 'Default'}}}], 'remote': [{'type': 'HTTP_OIDC_PREFERRED_USERNAME'}, {'type': 'HTTP_OIDC_EMAIL'}]}]
call('POST', '/groups', {'group': {'name': 'admins', 'domain_id': 'default'}}, t); call('PUT', '/OS-FEDERATION/mappings/m', {'mapping': {'rules': rules}}, t)      # change later with PATCH
call('PUT', '/OS-FEDERATION/identity_providers/lab', {'identity_provider': {'enabled': True, 'remote_ids': ['https://idp.lab.test:3443']}}, t)
call('PUT', '/OS-FEDERATION/identity_providers/lab/protocols/openid', {'protocol': {'mapping_id': 'm'}}, t)
