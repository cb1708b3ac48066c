// What the application does with a faulty provider, and what oidcheck said of it.
//
//   tests/live/apps/run.sh APP… [-- FAULT…]      (run.sh builds the stand-ins and sets the environment)
//
// For every fault of ../faulty-op one login is made through a stand-in on the application's own library, and oidcheck is
// asked twice: before anybody logs in (the URL of the issuer alone) and with a login. The answers are compared:
//
//   same        both say that people get in, or both that they do not
//   WRONG PASS  oidcheck found nothing and the application refuses
//   FALSE ALARM oidcheck says that the login fails and the application lets people in
//   unknown     oidcheck says that it cannot tell
//
// What differs and is explained stands in explained.toml; anything else makes the exit code 1.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAULTS, fault } from '../faulty-op/faults.mjs';
import { APPS } from './standins.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const { OIDCHECK, WORK, OP_PORT } = process.env;
const split = process.argv.indexOf('--'), end = split < 0 ? process.argv.length : split;
const names = process.argv.slice(2, end), only = process.argv.slice(end + 1);
const HOST = 'idp.lab.test', port = Number(OP_PORT);

// Not judged: these need port 443, or give every client minutes of work.
const LEFT_OUT = ['iss-default-port', 'doc-12mb', 'rotate-second-login', 'jwks-stale-first'];
const explained = (app) => {
  const text = fs.readFileSync(path.join(here, 'explained.toml'), 'utf8');
  return new Map([...text.matchAll(/^app = "(.*)"\nfaults = \[([^\]]*)\]\nwhy = "(.*)"$/gm)].filter((m) => m[1] === app || m[1] === '*')
    .flatMap((m) => [...m[2].matchAll(/"(.*?)"/g)].map((f) => [f[1], m[3]])));
};

function ask(app, typed, tier) {
  const args = ['check', typed, '--profile', app.profile, '--app-url', app.url, '--format', 'json', '--timeout', '15', '--ca-file', path.join(WORK, 'op/ca.pem'),
    ...[port, port + 1].flatMap((p) => ['--resolve', `${HOST}:${p}:127.0.0.1`]), ...(app.version ? ['--app-version', app.version] : []), ...(app.set ?? []).flatMap((s) => ['--set', s]), ...(app.args ?? []),
    ...(tier === 'login' ? ['--client-id', 'client', '--redirect-uri', app.callback, '--login', 'form', ...(app.public ? [] : ['--client-secret-file', path.join(WORK, 'secret')])] : ['--tier', 'issuer'])];
  const env = { ...process.env, OIDCHECK_USERNAME: 'alice', OIDCHECK_PASSWORD: 'x' };
  return new Promise((done) => execFile(OIDCHECK, args, { env, maxBuffer: 1 << 28 }, (error, out, err) => {
    let report;
    try { report = JSON.parse(out); } catch { return done({ word: 'unknown', why: [`exit ${error?.code}: ${err.trim().split('\n')[0]}`] }); }
    const run = report.runs[0];
    const ours = (f) => !app.parts || !f.parts?.length || f.parts.some((part) => app.parts.includes(part));
    const concerns = (f) => f.effect === 'login-fails' && ours(f);
    const fails = run.outcomes.flatMap((o) => o.findings.filter(concerns).map((f) => `${o.check}: ${f.message}`));
    // As the report itself decides it, for the part of the application that the stand-in is.
    const spared = (o) => { const why = run.outcomes.find((other) => o.reason.endsWith(`; ${other.check} says why`)); return why?.findings.length && why.findings.filter(ours).every((f) => ['untidy', 'degraded'].includes(f.effect)); };
    const untold = run.outcomes.filter((o) => o.verdict === 'crashed' || o.verdict === 'inconclusive' && !spared(o)).map((o) => `${o.check} ${o.verdict}: ${o.reason}`);
    if (fails.length || run.login.answer === 'unreachable') return done({ word: 'out', why: fails.length ? fails : [run.login.reason] });
    if (tier === 'login' && run.tier !== 'login') return done({ word: 'unknown', why: [err.trim().split('\n')[0] || 'no login'] });
    done({ word: untold.length && tier === 'login' ? 'unknown' : 'in', why: untold });
  }));
}

const totals = [];
for (const name of names) {
  const app = APPS[name]();
  await app.start?.();
  // What the provider does by itself need not be what this set-up wants.
  const healthy = await app.login(`https://${HOST}:${port}/${app.opens ?? 'ok'}`);
  if (!healthy.in) throw new Error(`nobody gets into ${name} with a healthy provider: ${healthy.what}`);
  const known = explained(name), differing = [], rows = [];
  const count = { variants: 0, same: 0, out: 0, early: 0, unknown: 0, 'WRONG PASS': 0, 'FALSE ALARM': 0, explained: 0 };
  for (const id of only.length ? only : Object.keys(FAULTS)) {
    if (LEFT_OUT.includes(id) || app.skip?.(id)) continue;
    const base = `https://${HOST}:${port}/${id}`, typed = fault(id).typed?.(base) ?? base;
    // First, since it sets the application up for this provider: oidcheck asks the application for its request.
    let theirs;
    try { theirs = await app.login(typed); } catch (e) { theirs = { in: false, what: String(e.stack) }; }
    const [before, ours] = [await ask(app, typed, 'issuer'), await ask(app, typed, 'login')];
    const truth = theirs.in ? 'in' : 'out';
    let verdict = ours.word === truth ? 'same' : ours.word === 'unknown' ? 'unknown' : truth === 'out' ? 'WRONG PASS' : 'FALSE ALARM';
    if (before.word === 'out' && truth === 'in') verdict = 'FALSE ALARM';
    count.variants++; count.out += truth === 'out'; count.early += truth === 'out' && before.word === 'out';
    if (verdict !== 'same' && known.has(id)) count.explained++; else count[verdict]++;
    rows.push([id, truth, before.word, ours.word, verdict, theirs.what, ours.why.join(' | ')].join('\t'));
    if (verdict !== 'same' && !known.has(id)) differing.push(`${name} / ${id} (${fault(id).why}): ${verdict}\n    application: ${truth}: ${theirs.what}\n    oidcheck: ${ours.word}: ${[...new Set([...ours.why, ...(before.word === 'out' ? before.why : [])])].slice(0, 4).join('\n      ')}`);
  }
  await app.stop?.();
  fs.writeFileSync(path.join(WORK, `${name}.tsv`), rows.join('\n') + '\n');
  totals.push([name, count]);
  differing.forEach((line) => console.log(line));
}
console.log(`\n${'application'.padEnd(16)} variants  same  unknown  wrong pass  false alarm  explained  |  refused by the application, of these seen before a login`);
for (const [name, c] of totals) console.log(`${name.padEnd(16)} ${String(c.variants).padStart(8)} ${String(c.same).padStart(5)} ${String(c.unknown).padStart(8)} ${String(c['WRONG PASS']).padStart(11)} ${String(c['FALSE ALARM']).padStart(12)} ${String(c.explained).padStart(10)}  |  ${c.out}, ${c.early}`);
process.exit(totals.some(([, c]) => c['WRONG PASS'] + c['FALSE ALARM'] + c.unknown) ? 1 : 0);
