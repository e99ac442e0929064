// Tells which lines each test of node:test runs: all tests of a file in one thread, with V8's own counters read between them.
import { appendFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { inThread } from './regreen_batch_threads.mjs';

const order = JSON.parse(process.argv.slice(2).join(''));
const report = process.env.REGREEN_REPORT;
const nonce = process.env.REGREEN_NONCE;
const environment = { ...process.env, REGREEN_ROOT: realpathSync(order.root) };
delete environment.REGREEN_REPORT;
delete environment.REGREEN_NONCE;
const counting = fileURLToPath(new URL('./regreen_lines_thread.mjs', import.meta.url));
const reporter = fileURLToPath(new URL('./regreen_batch_reporter.mjs', import.meta.url));

function send(event, facts) {
  appendFileSync(report, `${JSON.stringify({ ...facts, event, nonce })}\n`);
}

async function measure({ path, tests }) {
  const options = {
    argv: [path],
    execArgv: [...order.options, '--test-reporter', reporter, '--test-reporter-destination', 'stdout'],
    env: { NODE_TEST_CONTEXT: '' },
  };
  const ran = await inThread({ ...order, environment }, counting, options, 0, order.wall);
  const profiles = new Map();
  const passed = new Map();
  const anywhere = {};
  for (const each of ran.results) {
    if (each.lines) {
      profiles.set(each.name, each.lines);
      add(anywhere, each.lines);
    } else if (each.titles) passed.set(each.titles.join(' > '), each.passed && passed.get(each.titles.join(' > ')) !== false);
  }
  for (const [test, title] of tests) {
    // Two tests of one name cannot be told apart, and a name without its suites only where no other test ends so.
    // They count as running whatever the file runs.
    const profile = profiles.get(title) ?? profiles.get(title.split(' > ').at(-1)) ?? anywhere;
    if (profiles.size) send('lines', { test, passed: passed.get(title) ?? true, profile: JSON.stringify(profile) });
  }
}

function add(sum, lines) {
  for (const [path, found] of Object.entries(lines)) sum[path] = [...new Set([...(sum[path] ?? []), ...found])];
}

for (const file of order.files) await measure(file);
send('finish', {});
process.exit(0);
