// Jest, version 26 and later, run again and again in one process: the host that takes picks, and its reporter. What Jest
// finds out about the workspace when it starts is kept: its own runner is asked for the next pick before the run ends.
'use strict';

const { createRequire } = require('node:module');
const path = require('node:path');

const { judgeAfter } = require('./regreen_jest_live.cjs');

const BY_PATH = '--runTestsByPath';
const HOMES = ['@jest/core', 'jest-config', 'jest-cli']; // packages beside which Jest's own runner may lie
const LARGEST = 1.5e9; // bytes that this process may hold before the next pick gets another one: modules may stay for ever
let results = [];
let errors = [];
let seconds = 0; // that the tests took, without what starts them
let again = null; // takes the next pick

class RegreenBatchReporter {
  onTestResult(test, result) {
    take(test, result);
  }

  getLastError() {}
}

module.exports = RegreenBatchReporter;

function take(test, result) {
  for (const each of result.testResults || []) {
    seconds += (each.duration || 0) / 1000;
    if (each.status !== 'passed' && each.status !== 'failed') continue;
    const titles = [...(each.ancestorTitles || []), each.title || ''];
    const error = (each.failureMessages || []).join('\n');
    results.push({ path: test.path, titles, passed: each.status === 'passed', error });
  }
  if (result.testExecError) errors.push(`${result.testExecError.message || ''}\n${result.failureMessage || ''}`);
}

function clear() {
  results = [];
  errors = [];
  seconds = 0;
}

function say() {
  process.send({ results, errors, seconds, isolated: true, isFull: LARGEST < process.memoryUsage().rss });
}

async function run(jest, argv) {
  clear();
  try {
    await jest.run(argv);
  } catch (error) {
    errors.push(String((error && error.stack) || error));
  }
  say();
}

/** Makes Jest's own runner stay after the first run; a project's own runner ends, and Jest starts again for each pick. */
function stay(runner) {
  const ordinary = runner.prototype.runTests;
  runner.prototype.runTests = async function runTests(tests, watcher, ...rest) {
    const frameworks = new Set(process.env.REGREEN_SWIFT ? tests.map((test) => test.context.config.testRunner) : []);
    frameworks.forEach(judgeAfter);
    if (frameworks.size) tests.sort((one, other) => (one.path < other.path ? -1 : 1));
    await ordinary.call(this, tests, watcher, ...rest);
    say();
    await new Promise(() => {
      again = async (files) => {
        clear();
        const chosen = files ? tests.filter((test) => files.includes(test.path)) : tests;
        await once(new runner(this._globalConfig, this._context), ordinary, chosen, watcher, rest[rest.length - 1]);
        say();
      };
    });
  };
}

async function once(inner, runTests, tests, watcher, options) {
  const failed = (_test, error) => errors.push(String((error && (error.stack || error.message)) || error));
  try {
    if (!inner.supportsEventEmitters) {
      await runTests.call(inner, tests, watcher, async () => {}, async (test, result) => take(test, result), failed, options);
      return;
    }
    inner.on('test-file-success', ([test, result]) => take(test, result));
    inner.on('test-file-failure', ([test, error]) => failed(test, error));
    await runTests.call(inner, tests, watcher, options);
  } catch (error) {
    failed(null, error);
  }
}

/** Return Jest's own runner, wherever this installation has it. */
function runners(jest) {
  const found = new Set();
  for (const beside of HOMES) {
    try {
      const loaded = createRequire(createRequire(jest).resolve(beside))('jest-runner');
      found.add(loaded.default || loaded);
    } catch {
      continue; // Another package has it.
    }
  }
  return [...found].filter((runner) => runner.prototype && runner.prototype.runTests);
}

/** Return a command line with these files of tests in the place of those that it names. */
function chosen(argv, files) {
  const at = argv.indexOf(BY_PATH);
  return at < 0 ? [...argv, BY_PATH, ...files] : [...argv.slice(0, at + 1), ...files];
}

function host([program, ...argv]) {
  const home = path.dirname(path.dirname(program));
  const jest = require(home);
  runners(path.join(home, 'package.json')).forEach(stay);
  process.setMaxListeners(0); // Each run adds one, for the status of the end.
  process.on('disconnect', () => process.exit(1));
  process.on('message', ({ pick, files }) => {
    process.env.REGREEN_PICK = String(pick);
    if (again) again(files);
    else run(jest, files ? chosen(argv, files) : argv);
  });
  run(jest, argv);
}

if (require.main === module) host(process.argv.slice(2));
