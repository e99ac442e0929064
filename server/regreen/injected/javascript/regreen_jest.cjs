// A reporter for Jest, version 26 and later: one line for each event, as it happens.
'use strict';

const { errorOf, hide, tellExit, text, write } = require('./regreen_events.cjs');

const OUTCOMES = { passed: 'passed', failed: 'failed', pending: 'skipped', todo: 'skipped', disabled: 'skipped', skipped: 'skipped' };

class RegreenReporter {
  constructor() {
    this.over = false;
    this.said = new Set();
    hide();
    tellExit(() => this.over);
  }

  onRunStart() {
    write('start', { runner: 'jest', version: '' });
  }

  onTestFileStart(test) {
    write('file', { path: test.path });
  }

  onTestStart(test) {
    this.onTestFileStart(test);
  }

  onTestCaseStart(test, info) {
    write('test', { path: test.path, titles: [...(info.ancestorTitles || []), info.title || ''], line: 0 });
  }

  onTestCaseResult(test, result) {
    this.end(test.path, result);
  }

  onTestFileResult(test, result) {
    for (const each of result.testResults || []) this.end(test.path, each);
    const error = result.testExecError;
    const errors = error ? [{ ...errorOf(error), message: text(error.message || error), shown: text(result.failureMessage || '') }] : [];
    write('file_end', { path: test.path, errors, console: printed(result.console) });
    this.said.clear();
  }

  onTestResult(test, result) {
    this.onTestFileResult(test, result);
  }

  end(path, result) {
    const titles = [...(result.ancestorTitles || []), result.title || ''];
    const key = JSON.stringify([path, titles, result.location]);
    if (this.said.has(key)) return;
    this.said.add(key);
    write('end', {
      path,
      titles,
      line: result.location?.line ?? 0,
      outcome: OUTCOMES[result.status] || 'skipped',
      seconds: (result.duration || 0) / 1000,
      flaky: result.status === 'passed' && 1 < (result.invocations || 1),
      errors: (result.failureMessages || []).map((message, n) => failure(message, (result.failureDetails || [])[n])),
    });
  }

  onRunComplete(contexts, results) {
    const error = results.runExecError;
    if (error) write('unhandled', { kind: 'run', path: '', test: '', error: errorOf(error) });
    this.over = true;
    write('finish', { reason: results.wasInterrupted ? 'interrupted' : '', n_tests: results.numTotalTests });
  }

  getLastError() {}
}

/** Return one failure: its text says what was thrown, its details add what was compared. */
function failure(message, details) {
  const thrown = details && typeof details === 'object' ? details.error || details : {};
  return { ...errorOf(thrown), name: '', message: '', stack: text(message) };
}

function printed(lines) {
  return (lines || []).map((line) => `${line.type}: ${line.message}`).join('\n').slice(0, 4000);
}

module.exports = RegreenReporter;
