// Started by ../incus.sh. For each variant: what oidcheck says of Incus before and after a login, and what Incus does.
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { VARIANTS } from './variants.mjs';

const { OIDCHECK, INCUS, VERSION, OP, STRANGER, APP, WORK } = process.env;
const only = process.argv.slice(2);
fs.mkdirSync(`${WORK}/reports`, { recursive: true });

// ---- a browser: cookies (no port in their scope, and none above 4096 bytes, RFC 6265bis section 5.7), redirects, forms
class Browser {
  cookies = new Map();
  async go(url, form) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', method: form ? 'POST' : 'GET', body: form && new URLSearchParams(form), headers: { cookie }, signal: AbortSignal.timeout(15000) });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      const gone = value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line);
      if (gone) this.cookies.delete(name); else if (name.length + value.length <= 4096) this.cookies.set(name, value);
    }
    return { url, status: response.status, location: response.headers.get('location'), text: await response.text() };
  }
  /** Follows redirects and fills the provider's forms, until a page that is not the provider's or has no form. */
  async login(url) {
    let page = await this.go(url);
    for (let i = 0; i < 25; i++) {
      if (page.status >= 300 && page.status < 400 && page.location) {
        const next = new URL(page.location, page.url).href;
        if (next.startsWith(`${APP}/ui`)) return { ...page, arrived: true };
        page = await this.go(next);
        continue;
      }
      const action = /<form[^>]*action="([^"]+)"/.exec(page.text)?.[1];
      if (!action || page.url.startsWith(APP)) return page;
      const fields = Object.fromEntries([...page.text.matchAll(/<input[^>]*>/g)].map(([tag]) => [/name="([^"]+)"/.exec(tag)?.[1], /value="([^"]*)"/.exec(tag)?.[1] ?? '']).filter(([name]) => name && name !== 'abort'));
      if ('login' in fields) Object.assign(fields, { login: 'alice', password: 'x' });
      if ('xsrf' in fields) fields.confirm = 'yes';
      page = await this.go(new URL(action.replaceAll('&amp;', '&'), page.url).href, fields);
    }
    return page;
  }
}
const brief = (text) => text.replace(/<(script|style|head)[\s\S]*?<\/\1>|<[^>]+>/g, ' ').replace(/\s+/g, ' ').trim().slice(0, 120);

// ---- Incus
function configure(config) {
  return new Promise((done, fail) => {
    const request = http.request({ socketPath: `${WORK}/state/unix.socket`, path: '/1.0', method: 'PATCH' }, (response) => {
      let text = '';
      response.on('data', (part) => (text += part)).on('end', () => (JSON.parse(text).status_code === 200 ? done() : fail(new Error(text))));
    });
    request.on('error', fail).end(JSON.stringify({ config }));
  });
}
async function web() {
  const browser = new Browser();
  const end = await browser.login(`${APP}/oidc/login`);
  if (!end.arrived) return { ok: false, why: `${new URL(end.url).pathname}: ${end.status} ${brief(end.text)}` };
  // The redirect to /ui/ says nothing: the access token is looked at only now.
  const api = await browser.go(`${APP}/1.0`);
  const inside = await browser.go(`${APP}/1.0/instances`);
  const { metadata, error } = JSON.parse(api.text);
  return { ok: metadata?.auth === 'trusted' && inside.status === 200, why: `/1.0: ${api.status} ${metadata?.auth ?? error}; protected: ${inside.status}` };
}
async function cli(name) {
  const home = `${WORK}/cli/${name}`;
  fs.rmSync(home, { recursive: true, force: true }); fs.mkdirSync(home, { recursive: true });
  const env = { ...process.env, INCUS_CONF: home, HOME: home, BROWSER: 'true', DISPLAY: '' };
  const child = spawn(INCUS, ['remote', 'add', 'lab', APP, '--auth-type', 'oidc', '--accept-certificate'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '', driven = false, page;
  const hear = (part) => {
    text += part;
    const url = /https:\/\/localhost\S*user_code=\S+/.exec(text)?.[0];
    if (url && !driven) { driven = true; page = new Browser().login(url).catch((error) => ({ status: 0, text: String(error) })); }
  };
  child.stdout.on('data', hear); child.stderr.on('data', hear);
  const timer = setTimeout(() => child.kill('SIGKILL'), 15000);
  const code = await new Promise((done) => child.on('close', done));
  clearTimeout(timer); await page;
  const said = brief(text.split('\n').filter((line) => /error/i.test(line)).at(-1) ?? text);
  // A person who is shown a code and no address cannot log in without knowing it from elsewhere.
  if (code !== 0) return { ok: false, why: `remote add: ${code ?? 'killed'} ${said}` };
  return new Promise((done) => execFile(INCUS, ['query', 'lab:/1.0/instances'], { env, timeout: 15000 }, (error, _out, err) => done({ ok: !error, why: error ? `query: ${brief(err)}` : 'listed' })));
}

// ---- oidcheck
function ask(name, typed, set, login) {
  const args = ['check', typed, '--profile', 'incus', '--app-url', APP, '--client-id', 'incus', '--ca-file', `${WORK}/tls/good-ca.pem`, '--format', 'json',
    ...Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${value}`]), ...(login ? ['--login', 'form'] : [])];
  const env = { ...process.env, OIDCHECK_USERNAME: 'alice', OIDCHECK_PASSWORD: 'x' };
  return new Promise((done) => execFile(OIDCHECK, args, { env, timeout: 90000, maxBuffer: 1 << 26 }, (_error, out, err) => {
    fs.writeFileSync(`${WORK}/reports/${name}.${login ? 'after' : 'before'}.json`, out);
    try {
      const [run] = JSON.parse(out).runs;
      done((part) => {
        const why = run.outcomes.flatMap((o) => o.findings.filter((f) => f.effect === 'login-fails' && (!f.parts?.length || f.parts.includes(part))).map((f) => `${o.check}: ${f.message}`));
        return { word: why.length ? 'fails' : login && run.login.answer === 'works' ? 'works' : run.login.answer, why };
      });
    } catch { done(() => ({ word: 'no report', why: [err.slice(0, 200)] })); }
  }));
}

// ---- both
const count = { lines: 0, agree: 0, before: 0, login: 0, open: 0, gaps: 0, wrong: 0 };
console.log(`Incus ${VERSION}; what oidcheck says before the login | after one | what Incus does`);
for (const [name, variant] of Object.entries(VARIANTS)) {
  if (only.length && !only.includes(name)) continue;
  const put = await fetch(`${OP}/_variant`, { method: 'PUT', body: JSON.stringify(variant.op ?? {}) }).then((r) => r.text());
  if (put !== 'ok') { console.log(`${name}: the provider cannot do this: ${put.slice(0, 200)}`); count.wrong++; continue; }
  const issuer = variant.untrusted ? STRANGER : OP, typed = variant.typed?.(issuer) ?? issuer, set = variant.set ?? {};
  const keys = { 'oidc.issuer': typed, 'oidc.client.id': 'incus', 'oidc.audience': set.audience ?? '', 'oidc.claim': set.claim ?? '' };
  // Taking the keys away first makes it forget the provider's keys.
  await configure(Object.fromEntries(Object.keys(keys).map((key) => [key, ''])));
  const before = await ask(name, typed, set, false), after = await ask(name, typed, set, true);
  await configure(keys);
  const seen = { web: await web().catch((e) => ({ ok: false, why: String(e) })), cli: await cli(name) };
  for (const part of ['web', 'cli']) {
    const [b, a, { ok, why }] = [before(part), after(part), seen[part]];
    const said = [b.word, a.word].includes('fails');
    let word = 'agree';
    if (said && ok) word = 'FALSE ALARM';
    else if (!said && !ok) word = a.word === 'unknown' ? 'open' : 'WRONG PASS';
    if (!['agree', 'open'].includes(word) && variant.gap?.[part]) word = `known gap: ${variant.gap[part]}`;
    count.lines++; count[word === 'agree' ? 'agree' : word === 'open' ? 'open' : word.startsWith('known') ? 'gaps' : 'wrong']++;
    if (word === 'agree' && !ok) count[b.word === 'fails' ? 'before' : 'login']++;
    console.log(`${name.padEnd(26)} ${part} ${b.word.padEnd(16)}| ${a.word.padEnd(16)}| ${(ok ? 'logged in' : 'refused').padEnd(10)} ${word}`);
    if (word !== 'agree') for (const line of [`Incus: ${why}`, ...b.why.map((w) => `before: ${w}`), ...a.why.map((w) => `after: ${w}`)]) console.log(`    ${line}`);
    fs.appendFileSync(`${WORK}/reports/incus.txt`, `${name} ${part} ${ok} ${why}\n`);
  }
}
console.log(`${count.lines} lines: ${count.agree} agree (of the refusals ${count.before} told before the login, ${count.login} by a login), ${count.open} open, ${count.gaps} known gaps, ${count.wrong} differ`);
process.exit(count.wrong ? 1 : 0);
