// The provider of faulty-op/ on loopback, and the report of the real binary about one of its faults.
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAULTS } from './faulty-op/faults.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
export const root = path.join(here, '../..');
const HOST = 'idp.lab.test', PORT = 24443;

const free = (port) => new Promise((done) => net.createServer().once('error', () => done(false)).listen(port, '127.0.0.1', function () { this.close(() => done(true)); }));

/** Starts it with its files in `work`; `standard` says whether port 443 ends there too (one fault types an issuer without a port). */
export async function start(work) {
  if (!(await free(PORT))) { console.error(`port ${PORT} is taken`); process.exit(2); }
  fs.mkdirSync(work, { recursive: true });
  const op = spawn(process.execPath, [path.join(here, 'faulty-op/op.mjs'), work, String(PORT)], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => op.kill());
  await new Promise((ready) => op.stdout.on('data', (text) => String(text).includes('ready') && ready()));
  const https = net.createServer((from) => { const to = net.connect(PORT, '127.0.0.1'); from.pipe(to).pipe(from); to.on('error', () => from.destroy()); from.on('error', () => to.destroy()); });
  const standard = await new Promise((done) => https.once('error', () => done(false)).listen(443, '127.0.0.1', () => done(true)));
  return { work, standard };
}

/** The JSON report of `oidcheck check` for these profiles about the issuer that has this fault. */
export function report({ work }, oidcheck, fault, profiles) {
  const base = `https://${HOST}:${PORT}/${fault}`, typed = FAULTS[fault].typed?.(base) ?? base;
  const args = ['check', typed, '--profile', profiles, '--format', 'json', '--ca-file', path.join(work, 'ca.pem'), '--timeout', '15',
    ...[PORT, PORT + 1, 443].flatMap((port) => ['--resolve', `${HOST}:${port}:127.0.0.1`])];
  return new Promise((done, fail) => execFile(oidcheck, args, { maxBuffer: 1 << 28 }, (error, out, err) => {
    try { done(JSON.parse(out)); } catch (e) { fail(new Error(`${fault}: exit ${error?.code}: ${err || e}`)); }
  }));
}
