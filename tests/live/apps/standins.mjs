// The stand-ins: how each is started, and how a person logs in through it.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';

const { WORK, OP_PORT, APP_PORT } = process.env, BACKEND = String(Number(APP_PORT) + 1);
const CLIENT = { id: 'client', secret: fs.readFileSync(path.join(WORK, 'secret'), 'utf8') };
const WELL_KNOWN = '/.well-known/openid-configuration';
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill()));
export function run(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  children.add(child);
  child.said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (child.said += text));
  child.over = new Promise((done) => child.on('exit', (code) => { children.delete(child); done(code); }));
  return child;
}
export async function answers(url, child) {
  for (let i = 0; i < 300; i++) {
    if (child.exitCode !== null) return false;
    try { await fetch(url, { redirect: 'manual' }); return true; } catch { await sleep(50); }
  }
  return false;
}

// Not fetch(), which says in a header that it is a script, and is then treated as one.
function ask(url, { method, headers, body }) {
  return new Promise((done, fail) => {
    const client = url.startsWith('https:') ? https : http;
    const request = client.request(url, { method, agent: false, headers: { accept: 'text/html', ...headers } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece) => (text += piece)).on('end', () => done({ status: answer.statusCode, headers: answer.headers, text })).on('error', fail);
    });
    request.setTimeout(20_000, () => request.destroy(new Error('no answer in 20 s'))).on('error', fail).end(body);
  });
}

// A browser that has never heard of scripts: cookies, redirects, the provider's form. Stops at the first URL that starts
// with `until`, without asking for it.
export async function browse(url, until) {
  const jar = new Map();
  let request = { method: 'GET' };
  for (let step = 0; step < 25; step++) {
    const host = new URL(url).host, cookies = [...(jar.get(host) ?? [])].map(([k, v]) => `${k}=${v}`).join('; ');
    const answer = await ask(url, { ...request, headers: { ...request.headers, ...(cookies && { cookie: cookies }) } });
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [pair] = line.split(';'), at = pair.indexOf('=');
      jar.set(host, (jar.get(host) ?? new Map()).set(pair.slice(0, at), pair.slice(at + 1)));
    }
    request = { method: 'GET' };
    if (answer.status >= 300 && answer.status < 400) {
      url = new URL(answer.headers.location, url).href;
      if (until && url.startsWith(until)) return { url, status: answer.status, text: '' };
      continue;
    }
    const text = answer.text;
    if (!text.includes('name="password"')) return { url, status: answer.status, text };
    request = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'username=alice&password=x' };
  }
  return { url, status: 0, text: 'more than 25 redirects' };
}
const plain = (html) => html.replace(/<(script|style|head)[\s\S]*?<\/\1>|<[^>]+>/g, ' ').replace(/\s+/g, ' ').trim().slice(0, 160);

export const APPS = {
  // passport-openidconnect in a host that registers people as xo-server does.
  'xen-orchestra': (advanced = {}, set = []) => {
    const url = `http://127.0.0.1:${APP_PORT}`;
    let host;
    return {
      profile: 'xen-orchestra', url, callback: `${url}/signin/oidc/callback`, set,
      start: async () => {
        host = run(process.execPath, [path.join(WORK, 'xen-orchestra/host.mjs')], { env: { ...process.env, PORT: APP_PORT } });
        if (!(await answers(`${url}/__state`, host))) throw new Error(host.said);
      },
      stop: () => host.kill(),
      login: async (typed) => {
        const conf = await fetch(`${url}/__conf`, { method: 'PUT', body: JSON.stringify({ discoveryURL: typed, clientID: CLIENT.id, clientSecret: CLIENT.secret, advanced }) });
        const loaded = await conf.json();
        if (!loaded.loaded) return { in: false, what: `no button: ${loaded.error}` };
        const end = await browse(`${url}/signin/oidc`);
        return { in: end.url === `${url}/` && end.text.startsWith('home '), what: `${end.status} ${plain(end.text)}` };
      },
    };
  },
  'xen-orchestra-email': () => APPS['xen-orchestra']({ usernameField: 'email', scope: 'profile email' }, ['username-field=email', 'scope=profile email']),

  // The openidconnect crate as Proxmox calls it; user database, groups and tickets are not there.
  proxmox: (more = {}, set = []) => {
    const url = `https://127.0.0.1:${APP_PORT}`;
    const ask = async (op, typed, rest) => {
      const child = run(path.join(WORK, 'proxmox/debug/pve-lab'), []);
      child.stdin.end(JSON.stringify({ op, 'issuer-url': typed, 'client-id': CLIENT.id, 'client-key': CLIENT.secret, realm: 'oidc', 'redirect-url': url, ...more, ...rest }));
      const code = await child.over;
      return code === 0 ? JSON.parse(child.said) : { err: child.said.slice(0, 200) };
    };
    return {
      profile: 'proxmox', url, callback: url, set,
      login: async (typed) => {
        const begun = await ask('auth-url', typed);
        if (begun.err) return { in: false, what: `auth-url: ${begun.err}` };
        const end = await browse(begun.ok.url, url), q = new URL(end.url).searchParams;
        // The login page takes code and state from the URL, and the state has to be its own.
        if (!q.get('code')) return { in: false, what: `the page reloads: ${end.status} ${q.get('error') ?? plain(end.text)}` };
        if (q.get('state') !== new URL(begun.ok.url).searchParams.get('state')) return { in: false, what: 'another state' };
        if (q.get('code').length > 4096) return { in: false, what: 'parameter verification failed: code' };
        const done = await ask('login', typed, { code: q.get('code'), nonce: begun.ok.nonce, verifier: begun.ok.verifier });
        return { in: !done.err, what: done.err ?? done.ok.user };
      },
    };
  },
  'proxmox-username': () => APPS.proxmox({ 'username-claim': 'username' }, ['username-claim=username']),
  'proxmox-audiences': () => APPS.proxmox({ audiences: 'other' }, ['audiences=other']),
  'proxmox-no-userinfo': () => APPS.proxmox({ 'query-userinfo': false, 'username-claim': 'email' }, ['query-userinfo=0', 'username-claim=email']),

  // golang-jwt as the management service calls it, and golang.org/x/oauth2 as the command line does.
  netbird: (audience = CLIENT.id, set = []) => {
    const url = `http://127.0.0.1:${APP_PORT}`;
    return {
      profile: 'netbird', parts: ['api', 'cli'], version: '0.77', public: true, url, callback: 'http://localhost:53000', set,
      login: async (typed) => {
        const config = typed.endsWith(WELL_KNOWN) ? typed : typed.replace(/\/$/, '') + WELL_KNOWN;
        const env = { ...process.env, REFRESH: '1', SSL_CERT_FILE: path.join(WORK, 'op/ca.pem') };
        const api = run(path.join(WORK, 'netbird/api'), [config, audience, `127.0.0.1:${APP_PORT}`], { env });
        const cli = run(path.join(WORK, 'netbird/api'), ['login', config, CLIENT.id], { env });
        try {
          if (!(await answers(url, api))) return { in: false, what: `does not start: ${api.said.trim().slice(20)}` };
          while (cli.exitCode === null && !cli.said.includes('\n')) await sleep(10);
          const start = cli.said.trim();
          if (!start.startsWith('http')) return { in: false, what: `cli: ${start}` };
          const end = await browse(start, 'http://localhost:53000');
          if (!end.url.startsWith('http://localhost:53000')) return { in: false, what: `cli waits: ${end.status} ${plain(end.text)}` };
          cli.stdin.end(end.url + '\n');
          const code = await cli.over, last = cli.said.trim().split('\n').slice(1).join(' ');
          if (code !== 0) return { in: false, what: `cli: ${last}` };
          const said = api.said.length;
          const answer = await fetch(`${url}/api/users`, { headers: { authorization: `Bearer ${last}` } });
          return { in: answer.status === 200, what: `${answer.status} ${api.said.slice(said + 20).trim()}` };
        } finally { api.kill(); cli.kill(); await api.over; }
      },
    };
  },

  'netbird-audience': () => ({ ...APPS.netbird('https://api.lab.test/', ['audience=https://api.lab.test/']), opens: 'at-aud-other' }),

  // Apache with mod_auth_openidc itself. It reads metadata and keys at its own time, so each login has a server of its own.
  'mod-auth-openidc': ({ asks = '/', defines = [], lets = (end) => end.status === 200 && end.text.includes('Apache2') } = {}) => {
    const url = `https://localhost:${APP_PORT}`, dir = path.join(WORK, 'apache');
    const apache = (action, env) => run('apache2', ['-f', path.join(WORK, 'httpd.conf'), ...defines.flatMap((d) => ['-D', d]), '-k', action], { env: { ...process.env, PORT: APP_PORT, BACKEND, SECRET: CLIENT.secret, ...env } });
    return {
      profile: 'library:mod-auth-openidc', url, callback: `${url}/api/v2/login/idp/`,
      login: async (typed) => {
        fs.mkdirSync(dir, { recursive: true });
        fs.writeFileSync(path.join(dir, 'error.log'), '');
        const env = { OP: typed.endsWith(WELL_KNOWN) ? typed : typed.replace(/\/$/, '') + WELL_KNOWN };
        const started = apache('start', env);
        await started.over;
        try {
          let up = false;
          for (let i = 0; i < 100 && !up; i++) { try { await fetch(`${url}/nothing`, { redirect: 'manual' }); up = true; } catch { await sleep(50); } }
          if (!up) return { in: false, what: `does not start: ${started.said}` };
          const end = await browse(url + asks);
          const why = fs.readFileSync(path.join(dir, 'error.log'), 'utf8').split('\n').filter((l) => l.includes('auth_openidc:error')).map((l) => l.replace(/^.*AH\d+: |^.*\] /, '')).slice(0, 3).join(' / ');
          return { in: end.url === url + asks && lets(end), what: `${end.status} ${plain(end.text).slice(0, 60)} ${why}` };
        } finally {
          await apache('stop', env).over;
          for (let i = 0; i < 100 && fs.existsSync(path.join(dir, 'httpd.pid')); i++) await sleep(50);
        }
      },
    };
  },

  // The same in front of Keystone's own server, which compares the issuer and maps the claims.
  keystone: () => {
    const dir = path.join(WORK, 'keystone'), idp = '/v3/OS-FEDERATION/identity_providers/lab';
    const apache = APPS['mod-auth-openidc']({ asks: `${idp}/protocols/openid/auth`, defines: ['KEYSTONE'], lets: (end) => end.status === 201 });
    let server, token;
    return {
      ...apache, profile: 'keystone', set: [], args: ['--mapping', path.join(dir, 'mapping.json')],
      start: async () => {
        server = run(path.join(dir, 'v/bin/python'), [path.join(dir, 'server.py'), path.join(dir, 'data'), BACKEND]);
        for (let i = 0; i < 600 && !server.said.includes('\nready '); i++) { if (server.exitCode !== null) throw new Error(server.said); await sleep(100); }
        token = server.said.match(/^ready (\S+)/m)?.[1];
      },
      stop: () => server.kill(),
      login: async (typed) => {
        // As its administrator would: the issuer that was typed is the one that is let in.
        const remote_ids = [typed.endsWith(WELL_KNOWN) ? typed.slice(0, -WELL_KNOWN.length) : typed];
        const set = await fetch(`http://127.0.0.1:${BACKEND}${idp}`, { method: 'PATCH', headers: { 'x-auth-token': token, 'content-type': 'application/json' }, body: JSON.stringify({ identity_provider: { remote_ids } }) });
        if (set.status !== 200) throw new Error(`remote_ids: ${set.status} ${await set.text()}`);
        return apache.login(typed);
      },
    };
  },
};
