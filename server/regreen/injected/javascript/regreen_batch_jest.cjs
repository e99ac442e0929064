// Jest, version 26 and later, run again and again in one process: the host that takes picks, and its reporter.
'use strict';

const path = require('node:path');

const BY_PATH = '--runTestsByPath';
let results = [];
let errors = [];
let seconds = 0; // that the tests took, without what starts them

class RegreenBatchReporter {
  onTestResult(test, result) {
    for (const each of result.testResults || []) {
      seconds += (each.duration || 0) / 1000;
      if (each.status !== 'passed' && each.status !== 'failed') continue;
      const titles = [...(each.ancestorTitles || []), each.title || ''];
      const error = (each.failureMessages || []).join('\n');
      results.push({ path: test.path, titles, passed: each.status === 'passed', error });
    }
    if (result.testExecError) errors.push(`${result.testExecError.message || ''}\n${result.failureMessage || ''}`);
  }

  getLastError() {}
}

module.exports = RegreenBatchReporter;

async function run(jest, argv) {
  results = [];
  errors = [];
  seconds = 0;
  try {
    await jest.run(argv);
  } catch (error) {
    errors.push(String((error && error.stack) || error));
  }
  process.send({ results, errors, seconds, isolated: true });
}

/** Return a command line with these files of tests in the place of those that it names. */
function chosen(argv, files) {
  const at = argv.indexOf(BY_PATH);
  return at < 0 ? [...argv, BY_PATH, ...files] : [...argv.slice(0, at + 1), ...files];
}

function host([program, ...argv]) {
  const jest = require(path.dirname(path.dirname(program)));
  process.setMaxListeners(0); // Each run adds one, for the status of the end.
  process.on('disconnect', () => process.exit(1));
  process.on('message', ({ pick, files }) => {
    process.env.REGREEN_PICK = String(pick);
    run(jest, files ? chosen(argv, files) : argv);
  });
  run(jest, argv);
}

if (require.main === module) host(process.argv.slice(2));
