// Does the real binary say of client libraries what they did, with a real server on the other end?
//
//   node tests/live/library-matrix.mjs [OIDCHECK] [WORKDIR] [FAULT…]
//
// checks/tests/libraries.rs asks the same of the rules alone, on modelled evidence. Here the provider of faulty-op/
// serves every fault of fixtures/library-matrix.tsv over TLS, so the gatherer is judged together with the rules. Prints
// every cell in which the two differ and that fixtures/library-matrix-explained.toml does not explain; exit code 1 then.
import fs from 'node:fs';
import path from 'node:path';
import { report, root, start } from './faulty.mjs';

const [oidcheck = path.join(root, 'target/debug/oidcheck'), work = path.join(root, 'target/live/faulty-op'), ...only] = process.argv.slice(2);
const STEPS = ['discovery', 'keys', 'authorization', 'token', 'id-token', 'access-token', 'userinfo'], LETTERS = 'DKRTVAU';
const table = (text) => text.trim().split('\n').map((line) => line.split('\t'));
const [header, ...rows] = table(fs.readFileSync(path.join(root, 'fixtures/library-matrix.tsv'), 'utf8'));
const libraries = header.slice(1, -1);
const explained = new Set([...fs.readFileSync(path.join(root, 'fixtures/library-matrix-explained.toml'), 'utf8')
  .matchAll(/^library = "(.*)"\nfault = "(.*)"\n/gm)].map((m) => `${m[1]} / ${m[2]}`));

const lab = await start(work);

// What oidcheck says of every library about one fault: the first step that fails for good, or a login.
async function ask(fault) {
  const answer = (run) => {
    const steps = run.outcomes.flatMap((o) => o.findings.filter((f) => f.effect === 'login-fails').map((f) => STEPS.indexOf(f.step))).filter((s) => s >= 0);
    const why = run.outcomes.flatMap((o) => o.findings.filter((f) => f.effect === 'login-fails').map((f) => `${o.check} (${f.step}): ${f.message}`));
    return [(run.profile.id ?? run.profile).replace('library:', ''), { word: steps.length ? LETTERS[Math.min(...steps)] : 'ok', why, crashed: run.outcomes.filter((o) => o.verdict === 'crashed').map((o) => o.check) }];
  };
  return new Map((await report(lab, oidcheck, fault, 'library:*')).runs.map(answer));
}

const count = { cells: 0, same: 0, waiting: 0, explained: 0 }, differing = [];
for (const [fault, ...cells] of rows) {
  if (only.length && !only.includes(fault)) continue;
  if (fault === 'iss-default-port' && !lab.standard) { console.log(`${fault}: skipped, port 443 cannot be used`); continue; }
  let answers;
  try { answers = await ask(fault); } catch (e) { differing.push(e.message); continue; }
  libraries.forEach((library, i) => {
    const cell = cells[i];
    if (cell === '-') return;
    const measured = cell === 'ok' ? 'ok' : cell.toUpperCase(), ours = answers.get(library);
    if (!ours) { differing.push(`${library}: no such profile`); return; }
    if (ours.crashed.length) differing.push(`${library} / ${fault}: crashed: ${ours.crashed}`);
    count.cells++;
    if (ours.word === measured) count.same++;
    else if (ours.word === 'ok' && !'DK'.includes(measured)) count.waiting++; // perhaps only a login shows it
    else if (explained.has(`${library} / ${fault}`)) count.explained++;
    else differing.push(`${library} / ${fault} (${cells.at(-1)}): measured ${measured}, ours ${ours.word}${ours.why.map((w) => `\n    ${w}`).join('')}`);
  });
}
console.log(`${count.cells} cells: ${count.same} the same, ${count.waiting} wait for a login, ${count.explained} explained, ${differing.length} differ`);
differing.forEach((line) => console.log(line));
process.exit(differing.length ? 1 : 0);
