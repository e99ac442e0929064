// A reporter for Mocha, version 8 and later: one line for each event, as it happens.
'use strict';

const { errorOf, hide, tellExit, write } = require('./regreen_events.cjs');

function titlesOf(test) {
  return test.titlePath ? test.titlePath() : [test.title];
}

class RegreenReporter {
  constructor(runner) {
    let over = false;
    let running = null;
    hide();
    tellExit(() => over);
    write('start', { runner: 'mocha', version: '' });
    const idOf = (test) => ({ path: test.file || (test.parent && test.parent.file) || '', titles: titlesOf(test), line: 0 });
    const end = (test, outcome, errors) =>
      write('end', { ...idOf(test), outcome, seconds: (test.duration || 0) / 1000, flaky: false, errors });

    runner.once('start', () => {
      const tests = new Map();
      runner.suite.eachTest((test) => tests.set(test.file || '', [...(tests.get(test.file || '') || []), [titlesOf(test), 0]]));
      for (const [path, found] of tests) write('known', { path, tests: found });
    });
    runner.on('test', (test) => {
      running = test;
      write('test', idOf(test));
    });
    runner.on('pass', (test) => end(test, 'passed', []));
    runner.on('pending', (test) => end(test, 'skipped', []));
    runner.on('retry', (test, error) => write('retry', { ...idOf(test), errors: [errorOf(error)] }));
    runner.on('fail', (test, error) => {
      if (test.type !== 'hook') {
        end(test, 'failed', [errorOf(error)]);
        return;
      }
      const owner = test.ctx && test.ctx.currentTest;
      const failed = owner && /each/i.test(test.title) ? owner : test.parent || test;
      write('hook', {
        path: test.file || (failed && failed.file) || (running && running.file) || '',
        titles: titlesOf(failed),
        hook: /"([^"]+)" hook/.exec(test.title)?.[1] || '',
        of_test: failed === owner,
        errors: [errorOf(error)],
      });
    });
    runner.once('end', () => {
      over = true;
      write('finish', { reason: '', n_tests: runner.stats ? runner.stats.tests : runner.total });
    });
  }
}

module.exports = RegreenReporter;
