// Tries many candidates that stand in the sources behind a switch: each in a worker thread, with modules of its own.
// What it says is never proof: a candidate that passes here is run once more on its own.
import { execFileSync } from 'node:child_process';
import { appendFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const LEAST = 0.5; // CPU seconds that a candidate has, whatever the tests took as they were
const MORE = 10; // times the CPU seconds that they took
const TOLD = 4000; // characters kept of what a failing test says

const order = JSON.parse(process.argv[2]);
const report = process.env.REGREEN_REPORT;
const nonce = process.env.REGREEN_NONCE;
const reporter = fileURLToPath(new URL('./regreen_batch_reporter.mjs', import.meta.url));
const environment = { ...process.env };
delete environment.REGREEN_REPORT;
delete environment.REGREEN_NONCE;

function send(event, facts) {
  appendFileSync(report, `${JSON.stringify({ ...facts, event, nonce })}\n`);
}

function seconds(since) {
  const used = process.cpuUsage(since);
  return (used.user + used.system) / 1e6;
}

/** Runs one test file in a thread; says how it ended, and what came of its tests. */
function run(file, pick, limit) {
  return new Promise((resolve) => {
    const begun = process.cpuUsage();
    const deadline = Date.now() + order.wall * 1000;
    let printed = '';
    let hung = false;
    const thread = new Worker(file, {
      env: { ...environment, REGREEN_PICK: String(pick), NODE_TEST_CONTEXT: '' },
      argv: [],
      execArgv: [...order.options, '--test-reporter', reporter, '--test-reporter-destination', 'stdout'],
      stdout: true,
      stderr: true,
      stdin: false,
      resourceLimits: { maxOldGenerationSizeMb: 768 },
    });
    const keep = (chunk) => {
      if (printed.length < 4e6) printed += chunk;
    };
    thread.stdout.on('data', keep);
    thread.stderr.on('data', keep);
    let died = '';
    thread.on('error', (error) => {
      died = String(error?.stack ?? error);
    });
    const watch = setInterval(() => {
      if (limit < seconds(begun) || deadline < Date.now()) {
        hung = true;
        thread.terminate();
      }
    }, 10);
    thread.on('exit', (code) => {
      clearInterval(watch);
      setImmediate(() => resolve({ ...resultsOf(file, printed), code, hung, died, taken: seconds(begun) }));
    });
  });
}

function resultsOf(file, printed) {
  const outcomes = new Map();
  const errors = [];
  for (const line of printed.split('\n')) {
    if (!line.startsWith('{"regreen":')) continue;
    try {
      const told = JSON.parse(line).regreen;
      const name = `${file}::${told.titles.join(' > ')}`;
      outcomes.set(name, told.passed && outcomes.get(name) !== false);
      if (!told.passed) errors.push(told.error);
    } catch {
      continue; // A test printed it.
    }
  }
  return { outcomes, errors };
}

async function judge(pick, limit) {
  const outcomes = new Map();
  let text = '';
  let hung = false;
  let taken = 0;
  for (const file of order.files) {
    const ran = await run(file, pick, limit);
    for (const [name, passed] of ran.outcomes) outcomes.set(name, passed);
    text ||= [...ran.errors, ran.died].join('\n').slice(0, TOLD);
    hung ||= ran.hung;
    taken += ran.taken;
    if (hung || (pick && !wantedPass(outcomes, file))) break;
  }
  return { outcomes, text, hung, taken };
}

function wantedPass(outcomes, file) {
  return order.wanted.every((name) => !name.startsWith(`${file}::`) || outcomes.get(name) === true);
}

function complain() {
  for (const file of order.switched ?? []) {
    try {
      execFileSync(process.execPath, ['--check', file], { stdio: ['ignore', 'ignore', 'pipe'], env: environment });
    } catch (error) {
      const found = /:(\d+)\s*$/m.exec(String(error.stderr));
      if (found) send('broken', { path: realpathSync(file), line: Number(found[1]), text: String(error.stderr).slice(0, TOLD) });
    }
  }
}

const before = await judge(0, order.wall);
if (before.outcomes.size === 0) {
  complain();
  send('unbuilt', { text: before.text });
  process.exit(1);
}
const wantedBefore = order.wanted.every((name) => before.outcomes.get(name) === true);
send('untouched', { wanted: wantedBefore ? 'passes' : 'fails', keep: '', seconds: before.taken });
const keep = order.keep.filter((name) => before.outcomes.get(name) === true);
const limit = Math.max(LEAST, MORE * before.taken);
for (const pick of wantedBefore ? [] : order.picks) {
  send('begin', { pick });
  const found = await judge(pick, limit);
  const passes = order.wanted.every((name) => found.outcomes.get(name) === true);
  const broken = keep.find((name) => found.outcomes.get(name) !== true);
  const verdict = found.hung ? 'hangs' : !passes ? 'fails' : broken ? 'breaks' : 'passes';
  send('trial', { pick, verdict, text: found.text });
}
send('finish', {});
process.exit(0);
