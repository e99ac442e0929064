// Tries many candidates that stand in the sources behind a switch: each with modules of its own, in a process that
// lasts. What it says is never proof: a candidate that passes here is run once more on its own.
import { appendFileSync, existsSync, realpathSync, unlinkSync } from 'node:fs';

import { complaints } from './regreen_batch_complaints.mjs';
import { hosted } from './regreen_batch_hosted.mjs';
import { covering, witnesses } from './regreen_batch_seen.mjs';
import { judgeSwiftly } from './regreen_batch_swift.mjs';
import { mochaThread, nodeThread } from './regreen_batch_threads.mjs';

const LEAST = 0.5; // CPU seconds that a candidate has, whatever the tests took as they were
const MORE = 10; // times the seconds that they took themselves
const STARTING = 3; // times the CPU seconds of a run, with what starts them
const TOLD = 4000; // characters kept of what a failing test says
const COLOUR = /\u001b\[[\d;]*m/g;
const ENGINES = { 'node:test': nodeThread, mocha: mochaThread, jest: hosted, vitest: hosted };

const order = JSON.parse(process.argv.slice(2).join(''));
const report = process.env.REGREEN_REPORT;
const nonce = process.env.REGREEN_NONCE;
const environment = { ...process.env };
delete environment.REGREEN_REPORT;
delete environment.REGREEN_NONCE;

if (order.seenIn) environment.REGREEN_SEEN_IN = order.seenIn;

const wanted = order.wanted.map(named);
const facts = { ...order, files: order.files.map(real), environment, isDone };
const deadline = order.seconds ? Date.now() + order.seconds * 1000 : Infinity;
let engine = ENGINES[order.runner](order.cheaper?.length ? { ...facts, argv: order.cheaper } : facts);

function send(event, facts) {
  appendFileSync(report, `${JSON.stringify({ ...facts, event, nonce })}\n`);
}

function real(path) {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Return a test's name with its file as runners see it. */
function named(name) {
  const at = name.indexOf('::');
  return `${real(name.slice(0, at))}${name.slice(at)}`;
}

/** Tell whether nothing that is still to run can make a candidate pass. */
function isDone(pick, results) {
  const failed = new Set(results.filter((each) => !each.passed).map(nameOf));
  return Boolean(pick) && wanted.some((name) => failed.has(name));
}

function nameOf(result) {
  return `${real(result.path)}::${result.titles.join(' > ')}`;
}

/** Runs the tests with one candidate; returns what became of them. */
async function judge(pick, limit, files = null) {
  const ran = await engine.run(pick, limit, files);
  const outcomes = new Map();
  for (const each of ran.results) {
    const name = nameOf(each);
    outcomes.set(name, each.passed && outcomes.get(name) !== false);
  }
  const failed = ran.results.filter((each) => !each.passed);
  const first = failed.filter((each) => wanted.includes(nameOf(each)));
  const errors = [...(first.length ? first : failed).map((each) => each.error), ...ran.errors];
  const text = told(errors.join('\n'));
  const names = wanted.map((name, number) => (outcomes.get(name) === false ? number : -1)).filter((each) => 0 <= each);
  const { hung, taken, seconds, isolated, byFile } = ran;
  return { outcomes, failed: names, text, hung, taken, seconds, isolated, byFile };
}

/** Looks at the tests as they are, in the cheaper way if all pass there. */
async function untouched() {
  const before = await judge(0, order.wall);
  if (!order.cheaper?.length || wanted.every((name) => before.outcomes.get(name))) return before;
  engine.close();
  if (existsSync(order.seenIn)) unlinkSync(order.seenIn);
  engine = ENGINES[order.runner](facts);
  return judge(0, order.wall);
}

/** Looks at the tests as they are; returns those to keep and the CPU seconds of a candidate, or null. */
async function lookAtThem() {
  const before = await untouched();
  if (wanted.some((name) => !before.outcomes.has(name))) {
    for (const each of complaints(order, environment, before.text)) {
      send('broken', { ...each, text: each.text.slice(0, TOLD) });
    }
    send('unbuilt', { text: before.text.slice(0, TOLD) });
    return null;
  }
  const passes = wanted.every((name) => before.outcomes.get(name));
  // The first run of a process that lasts also loads what the others share.
  const again = engine.lasts && (!passes || (order.mutants.length && order.runner === 'jest'));
  const warm = again ? await judge(0, order.wall) : before;
  send('untouched', { wanted: passes ? 'passes' : 'fails', keep: '', seconds: warm.taken });
  const keep = order.keep.map(named).filter((name) => before.outcomes.get(name));
  const limit = Math.max(LEAST, STARTING * warm.taken, MORE * warm.seconds);
  const who = witnesses(order, before.isolated) ?? covering(order, facts.files);
  return { keep, limit, byFile: before.byFile, picks: passes ? [] : order.picks, passes, witnesses: who };
}

/** Says of each mutant whether the tests notice it; one that takes too long is looked at twice. */
async function judgeMutants(seen, picks = order.mutants) {
  for (const pick of seen.passes ? picks : []) {
    if (deadline < Date.now()) return;
    send('begin', { pick });
    const files = seen.witnesses?.of(pick) ?? null;
    const found = files && !files.length ? { verdict: 'unseen', text: '', failed: [], taken: 0 } : await heard(pick, seen, files);
    const { verdict, failed, taken, text } = found;
    send('trial', { pick, verdict, failed, seconds: taken, text: text.slice(0, TOLD), files: files ?? [] });
  }
}

/** Asks the files of tests that may notice a mutant, until one does; null: all files at once. */
async function heard(pick, seen, files) {
  let taken = 0;
  let found = null;
  for (const some of files?.map((file) => [file]) ?? [null]) {
    const limit = some && seen.byFile?.has(some[0]) ? Math.max(LEAST, MORE * seen.byFile.get(some[0])) : seen.limit;
    found = await judge(pick, limit, some);
    if (found.hung) found = await judge(pick, limit, some);
    taken += found.taken;
    const names = wanted.filter((name) => !some || some.includes(fileOf(name)));
    const verdict = found.hung ? 'hangs' : names.every((name) => found.outcomes.get(name)) ? 'passes' : 'fails';
    if (verdict !== 'passes') {
      if (files) seen.witnesses.noticed(found.failed.length ? fileOf(wanted[found.failed[0]]) : some[0]);
      return { ...found, verdict, taken };
    }
  }
  return { ...found, verdict: 'passes', taken };
}

function fileOf(name) {
  return name.slice(0, name.indexOf('::'));
}

/** Judges what the workers of the runner can judge themselves; returns the mutants that are left. */
async function judgeSwift() {
  const said = new Set();
  // Those that are noticed are known first: where time is short, to tell of them alone would make the tests look better.
  const tell = (pick, found) => {
    if (deadline === Infinity) said.add(pick) && sayOf(pick, found);
  };
  const swift = await judgeSwiftly(order, wanted, environment, deadline, tell);
  const who = swift && witnesses(order, swift.isolated);
  if (!who) swift?.host.end();
  if (existsSync(order.seenIn) && !swift?.host.lives) unlinkSync(order.seenIn);
  if (!who) return order.mutants.filter((pick) => !said.has(pick));
  send('untouched', { wanted: 'passes', keep: '', seconds: swift.seconds });
  const left = [];
  for (const pick of order.mutants.filter((each) => !said.has(each))) {
    const files = who.of(pick);
    const found = files && (files.length ? swift.fate(pick, files) : { verdict: 'unseen', text: '', failed: [], seconds: 0 });
    if (!found && swift.isLate) return [];
    if (found) sayOf(pick, found);
    else left.push(pick);
  }
  // What a file costs is the measure of its mutants.
  const isMeasured = facts.files.every((file) => swift.costs.has(file));
  if (swift.host.lives && isMeasured) await goOn(swift, who, left.splice(0));
  else swift.host.end();
  return left;
}

/** Judges what is left in the process that runs the tests already. */
async function goOn(swift, who, left) {
  engine = ENGINES[order.runner](facts, swift.host);
  for (const { file } of swift.killed.values()) who.noticed(file);
  const limit = Math.max(LEAST, MORE * swift.seconds);
  await judgeMutants({ passes: true, limit, byFile: swift.costs, witnesses: who }, left);
  engine.close();
}

function sayOf(pick, { verdict, failed, text, seconds, file, checked }) {
  const titles = wanted.filter((name) => fileOf(name) === file);
  const numbers = failed.map((number) => wanted.indexOf(titles[number]));
  send('begin', { pick });
  send('trial', { pick, verdict, failed: numbers, seconds, checked, text: told(text).slice(0, TOLD) });
}

function told(text) {
  return text.replace(COLOUR, '').replaceAll('file://', '');
}

async function main() {
  if (order.swift?.length) order.mutants = await judgeSwift();
  if (order.swift?.length && !order.mutants.length) return send('finish', {});
  const seen = await lookAtThem();
  if (seen && order.mutants.length) await judgeMutants(seen);
  for (const pick of seen?.picks ?? []) {
    send('begin', { pick });
    const found = await judge(pick, seen.limit);
    const passes = wanted.every((name) => found.outcomes.get(name));
    const broken = seen.keep.some((name) => !found.outcomes.get(name));
    const verdict = found.hung ? 'hangs' : !passes ? 'fails' : broken ? 'breaks' : 'passes';
    send('trial', { pick, verdict, text: found.text.slice(0, TOLD) });
  }
  engine.close();
  if (seen) send('finish', {});
  return seen;
}

process.exit((await main()) === null ? 1 : 0);
