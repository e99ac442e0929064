// Runs a candidate's tests in a worker thread, which has modules of its own.
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

const MOST_PRINTED = 4e6; // characters kept of what a thread prints
const LARGEST = 768; // MiB of old objects in a thread
const reporter = fileURLToPath(new URL('./regreen_batch_reporter.mjs', import.meta.url));
const mocha = fileURLToPath(new URL('./regreen_batch_mocha.cjs', import.meta.url));

/** Return an engine for Node's own runner: one thread for each file. */
export function nodeThread(order) {
  const execArgv = [...order.options, '--test-reporter', reporter, '--test-reporter-destination', 'stdout'];
  return {
    lasts: false,
    close() {},
    async run(pick, limit, files = null) {
      const all = { results: [], errors: [], hung: false, taken: 0, seconds: 0, byFile: new Map() };
      for (const file of files ?? order.files) {
        const ran = await inThread(order, file, { execArgv, env: { NODE_TEST_CONTEXT: '' } }, pick, limit);
        all.results.push(...ran.results.map((each) => ({ ...each, path: file })));
        all.errors.push(...ran.errors);
        all.hung ||= ran.hung;
        all.taken += ran.taken;
        all.seconds += ran.seconds;
        all.byFile.set(file, ran.taken);
        if (all.hung || order.isDone(pick, all.results)) break;
      }
      return all;
    },
  };
}

/** Return an engine for Mocha: all files in one thread. */
export function mochaThread(order) {
  const [, program, ...argv] = order.argv;
  return {
    lasts: false,
    close() {},
    run: (pick, limit) => inThread(order, mocha, { argv: [program, ...argv], execArgv: [] }, pick, limit),
  };
}

/** Runs a file in a thread; says how it ended, and what came of its tests. */
export function inThread(order, file, options, pick, limit) {
  return new Promise((resolve) => {
    const begun = process.cpuUsage();
    const deadline = Date.now() + order.wall * 1000;
    const errors = [];
    let printed = '';
    let hung = false;
    const thread = new Worker(file, {
      argv: [],
      ...options,
      env: { ...order.environment, REGREEN_PICK: String(pick), ...options.env },
      stdout: true,
      stderr: true,
      stdin: false,
      resourceLimits: { maxOldGenerationSizeMb: LARGEST },
    });
    const keep = (chunk) => {
      if (printed.length < MOST_PRINTED) printed += chunk;
    };
    thread.stdout.on('data', keep);
    thread.stderr.on('data', keep);
    thread.on('error', (error) => errors.push(String(error?.stack ?? error)));
    const watch = setInterval(() => {
      if (limit < seconds(begun) || deadline < Date.now()) {
        hung = true;
        thread.terminate();
      }
    }, 10);
    thread.on('exit', () => {
      clearInterval(watch);
      setImmediate(() => {
        const taken = seconds(begun);
        resolve({ results: resultsOf(printed), errors, hung, taken, seconds: taken });
      });
    });
  });
}

function seconds(since) {
  const used = process.cpuUsage(since);
  return (used.user + used.system) / 1e6;
}

function resultsOf(printed) {
  const results = [];
  for (const line of printed.split('\n')) {
    if (!line.startsWith('{"regreen":')) continue;
    try {
      results.push(JSON.parse(line).regreen);
    } catch {
      continue; // A test printed it.
    }
  }
  return results;
}
