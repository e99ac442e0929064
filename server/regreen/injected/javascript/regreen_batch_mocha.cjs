// Mocha in a worker thread: starts its command line there, and is the reporter that it is told to use.
'use strict';

const path = require('node:path');
const { pathToFileURL } = require('node:url');

function titlesOf(test) {
  return test.titlePath ? test.titlePath() : [test.title];
}

class RegreenBatchReporter {
  constructor(runner) {
    const tell = (test, passed, error) => {
      const told = {
        path: test.file || (test.parent && test.parent.file) || '',
        titles: titlesOf(test),
        passed,
        error: error ? String((error && error.stack) || error) : '',
      };
      process.stdout.write(`\n${JSON.stringify({ regreen: told })}\n`);
    };
    runner.on('pass', (test) => tell(test, true));
    runner.on('fail', (test, error) => tell(test, false, error));
  }
}

module.exports = RegreenBatchReporter;

async function start([program, ...options]) {
  const home = path.dirname(path.dirname(program));
  const loaded = await import(pathToFileURL(path.join(home, 'lib', 'cli', 'cli.js')).href);
  const { main } = loaded.main ? loaded : loaded.default;
  main(options);
}

if (require.main === module) start(process.argv.slice(2));
