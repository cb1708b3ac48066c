// When each request of an examination is sent, with 50 ms of added latency on the way to the provider.
//
//   node tests/live/timeline.mjs [OIDCHECK] [WORKDIR]     after ONLY=oidc-provider tests/live/run.sh WORKDIR
//
// Starts node-oidc-provider behind a relay that holds every request back, examines a client with its secret, once per
// --depth, and draws the recording: one line per request, one column per 25 ms. What depends on nothing but the metadata
// starts together, four at a time per host; what is probed with care (the token endpoint) is spaced.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const LATENCY_MS = 50, root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [oidcheck = path.join(root, 'target/release/oidcheck'), work = path.join(root, 'target/live')] = process.argv.slice(2);
const PORT = 24700, BACK = 24701, issuer = `http://127.0.0.1:${PORT}`;

const provider = spawn(process.execPath, [path.join(work, 'oidc-provider/oidc-provider.mjs')], { env: { ...process.env, PORT: BACK, ISSUER: issuer, PROXY: '1' }, stdio: 'ignore' });
const relay = spawn(process.execPath, ['-e', `
  const http = require('http');
  http.createServer((asked, answer) => setTimeout(() => {
    const onward = http.request({ host: '127.0.0.1', port: ${BACK}, method: asked.method, path: asked.url, headers: asked.headers }, (got) => { answer.writeHead(got.statusCode, got.headers); got.pipe(answer); });
    onward.on('error', (error) => { answer.writeHead(502); answer.end(String(error)); });
    asked.pipe(onward);
  }, ${LATENCY_MS})).listen(${PORT}, '127.0.0.1')`], { stdio: 'inherit' });
process.on('exit', () => { provider.kill(); relay.kill(); });
const up = () => new Promise((done) => http.get(`${issuer}/.well-known/openid-configuration`, (answer) => { answer.resume(); done(answer.statusCode === 200); }).on('error', () => done(false)));
for (let i = 0; i < 100 && !(await up()); i++) await new Promise((done) => setTimeout(done, 100));

fs.writeFileSync(path.join(work, 'timeline.secret'), 's3cret-web');
for (const depth of ['quick', 'standard', 'thorough']) {
  const har = path.join(work, `timeline.${depth}.har`);
  try {
    execFileSync(oidcheck, ['check', issuer, '--client-id', 'web', '--client-secret-file', path.join(work, 'timeline.secret'), '--redirect-uri', 'http://127.0.0.1:9999/cb', '--depth', depth, '--record', har, '--format', 'json'], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) { if (![1, 3].includes(error.status)) throw error; }
  const entries = JSON.parse(fs.readFileSync(har, 'utf8')).log.entries.map((e) => ({ at: Date.parse(e.startedDateTime), took: e.time, what: `${e.request.method} ${new URL(e.request.url).pathname}` })).sort((a, b) => a.at - b.at);
  const first = entries[0].at, end = Math.max(...entries.map((e) => e.at + e.took)) - first;
  console.log(`\n${depth}: ${entries.length} requests in ${Math.round(end)} ms`);
  for (const e of entries) console.log(`${e.what.padEnd(40)} ${String(e.at - first).padStart(5)} ms ${' '.repeat(Math.round((e.at - first) / 25))}${'█'.repeat(Math.max(1, Math.round(e.took / 25)))}`);
}
process.exit(0);
