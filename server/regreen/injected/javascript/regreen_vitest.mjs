// A reporter for Vitest, version 1 and later: one line for each event, as it happens.
import events from './regreen_events.cjs';

const { errorOf, hide, tellExit, write } = events;

/** Return the titles of a test of either programming interface, those of its suites first. */
function titlesOf(test) {
  const titles = [test.name];
  for (let at = test.parent ?? test.suite; at && at.type === 'suite' && at.name; at = at.parent ?? at.suite) {
    titles.unshift(at.name);
  }
  return titles;
}

export default class RegreenReporter {
  constructor() {
    this.over = false;
    this.said = new Set();
    this.started = new Set();
    hide();
    tellExit(() => this.over);
  }

  onInit(vitest) {
    this.vitest = vitest;
    if (this.isOld) vitest.config.includeTaskLocation = true; // No option of the command line sets it there.
    write('start', { runner: 'vitest', version: vitest.version || '' });
  }

  // From version 3 on.

  onTestModuleQueued(module) {
    write('file', { path: module.moduleId });
  }

  onTestModuleCollected(module) {
    const tests = [...module.children.allTests()].map((test) => [titlesOf(test), test.location?.line ?? 0]);
    write('collected', { path: module.moduleId, tests });
  }

  onTestCaseReady(test) {
    write('test', { path: test.module.moduleId, titles: titlesOf(test), line: test.location?.line ?? 0 });
  }

  onTestCaseResult(test) {
    const result = test.result();
    this.said.add(test.id);
    const notes = test.diagnostic() || {};
    write('end', {
      path: test.module.moduleId,
      titles: titlesOf(test),
      line: test.location?.line ?? 0,
      outcome: result.state,
      seconds: (notes.duration || 0) / 1000,
      flaky: Boolean(notes.flaky),
      expected_to_fail: Boolean(test.options?.fails),
      errors: (result.errors || []).map((error) => errorOf(error)),
    });
  }

  onTestSuiteResult(suite) {
    const errors = suite.errors ? suite.errors() : [];
    if (errors.length) {
      write('suite', { path: suite.module.moduleId, titles: titlesOf(suite), errors: errors.map((e) => errorOf(e)) });
    }
  }

  onTestModuleEnd(module) {
    // What was refused before it could start, a test.only in CI, has no result of its own.
    for (const test of module.children.allTests('failed')) {
      if (!this.said.has(test.id)) {
        this.onTestCaseReady(test);
        this.onTestCaseResult(test);
      }
    }
    const errors = module.errors ? module.errors() : [];
    write('file_end', { path: module.moduleId, errors: errors.map((error) => errorOf(error)) });
  }

  onTestRunEnd(modules, unhandled, reason) {
    this.finish(unhandled, reason);
  }

  // Versions 1, which does not say its number, and 2.

  get isOld() {
    return Number.parseInt(this.vitest?.version || '1', 10) < 3;
  }

  onCollected(files) {
    for (const found of this.isOld ? files || [] : []) {
      const tests = testsOf(found).map((test) => [titlesOf(test), test.location?.line ?? 0]);
      write('collected', { path: found.filepath, tests });
    }
  }

  onTaskUpdate(packs) {
    for (const [id, result] of this.isOld ? packs : []) {
      const task = this.vitest.state.idMap.get(id);
      if (task && result) this.oldTask(task, result);
    }
  }

  oldTask(task, result) {
    const path = (task.file || task).filepath;
    if (task.type === 'suite') {
      this.oldSuite(task, result, path);
      return;
    }
    const test = { path, titles: titlesOf(task), line: task.location?.line ?? 0 };
    if (result.state === 'run' && !this.started.has(task.id)) {
      this.started.add(task.id);
      write('test', test);
    } else if (['pass', 'fail'].includes(result.state) && !this.said.has(task.id)) {
      this.said.add(task.id);
      write('end', {
        ...test,
        outcome: result.state === 'pass' ? 'passed' : 'failed',
        seconds: (result.duration || 0) / 1000,
        flaky: result.state === 'pass' && 0 < (result.retryCount || 0),
        expected_to_fail: Boolean(task.fails),
        errors: (result.errors || []).map((error) => errorOf(error)),
      });
    }
  }

  oldSuite(task, result, path) {
    if (result.state !== 'fail' || !result.errors?.length || this.said.has(task.id)) return;
    this.said.add(task.id);
    const errors = result.errors.map((error) => errorOf(error));
    if (task.filepath) write('file_end', { path, errors });
    else write('suite', { path, titles: titlesOf(task), errors });
  }

  onFinished(files, unhandled) {
    if (!this.isOld) return;
    for (const found of files || []) {
      if (found.result) this.oldSuite(found, found.result, found.filepath);
      for (const test of testsOf(found)) {
        const skipped = ['skip', 'todo'].includes(test.mode);
        if (skipped) write('end', { path: found.filepath, titles: titlesOf(test), line: 0, outcome: 'skipped', errors: [] });
        else if (test.result) this.oldTask(test, test.result);
      }
      write('file_end', { path: found.filepath, errors: [] });
    }
    this.finish(unhandled, '');
  }

  finish(unhandled, reason) {
    for (const error of unhandled || []) {
      write('unhandled', {
        kind: String(error.type || ''),
        path: String(error.VITEST_TEST_PATH || ''),
        test: String(error.VITEST_TEST_NAME || error.VITEST_AFTER_ENV_TEARDOWN || ''),
        error: errorOf(error),
      });
    }
    this.over = true;
    write('finish', { reason: String(reason || '') });
  }
}

function testsOf(suite) {
  return (suite.tasks || []).flatMap((task) => (task.type === 'suite' ? testsOf(task) : [task]));
}
