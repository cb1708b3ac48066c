// Side by side with the OpenID Foundation's conformance suite, on the same faulty provider.
//
//   node tests/live/suite.mjs [OIDCHECK] [WORKDIR] [FAULT…]
//
// oidf-suite.tsv has what the suite's configuration plan said of 140 faults of discovery and keys, and what is
// to be thought of it: `flagged` rightly, let `through` although a rule or a client breaks, or `legal`. Here the real
// binary is asked about each with the profile `generic`. It has to say something of what was flagged or let through,
// and nothing above a notice of what is legal. Exit code 1 when it does not.
import fs from 'node:fs';
import path from 'node:path';
import { report, root, start } from './faulty.mjs';

const [oidcheck = path.join(root, 'target/debug/oidcheck'), work = path.join(root, 'target/live/faulty-op'), ...only] = process.argv.slice(2);
const rows = fs.readFileSync(path.join(root, 'tests/live/oidf-suite.tsv'), 'utf8').trim().split('\n').slice(1).map((line) => line.split('\t'));
const RANK = ['nothing', 'notice', 'warning', 'error'];
const lab = await start(work);

const count = {}, off = [];
for (const [fault, suite, kind] of rows) {
  if (only.length && !only.includes(fault)) continue;
  const [run] = (await report(lab, oidcheck, fault, 'generic')).runs;
  const found = run.outcomes.filter((o) => o.findings.length).map((o) => [RANK.indexOf(o.severity ?? o.level), o.check, o.findings[0].message]);
  const [rank, check, message] = found.sort((a, b) => b[0] - a[0])[0] ?? [0, '', ''];
  const line = `${fault} (${kind}; the suite: ${suite}): ${RANK[rank]} ${check}: ${message}`;
  if (only.length) console.log(line);
  count[kind] ??= {};
  count[kind][RANK[rank]] = (count[kind][RANK[rank]] ?? 0) + 1;
  if ((['flagged', 'through'].includes(kind) && rank < 1) || (kind === 'legal' && rank > 1)) off.push(line);
}
for (const [kind, ranks] of Object.entries(count)) console.log(`${kind}: ${Object.entries(ranks).map(([rank, n]) => `${n} ${rank}`).join(', ')}`);
off.forEach((line) => console.log(line));
process.exit(off.length ? 1 : 0);
