// Judges mutants under Jest, version 28 and later with its own test framework: in the environment of a file of tests that has
// run, on its modules as they are loaded.
'use strict';

const { appendFileSync, readFileSync, realpathSync } = require('node:fs');
const { createRequire } = require('node:module');

const live = require('./regreen_live.cjs');

const UNHEARD = ['uncaughtException', 'unhandledRejection'];

/** Makes Jest's own test framework judge once a file has run. */
function judgeAfter(framework) {
  const path = require.resolve(framework);
  if (!/[\\/]jest-circus[\\/]/.test(path)) return;
  const loaded = require(path);
  const ordinary = loaded.default || loaded;
  const circus = createRequire(path).resolve('jest-circus');
  const order = JSON.parse(readFileSync(process.env.REGREEN_SWIFT, 'utf8'));
  require.cache[path].exports = async (globalConfig, config, environment, runtime, testPath, ...rest) => {
    const judge = new Judge(order, config, environment, runtime, testPath);
    const results = await ordinary(globalConfig, config, environment, runtime, testPath, ...rest);
    if (!process.env.REGREEN_PICK || process.env.REGREEN_PICK === '0') await judge.judgeAll(circus);
    return results;
  };
}

class Judge {
  constructor(order, config, environment, runtime, path) {
    Object.assign(this, { order, config, environment, runtime, path });
    this.file = realpathSync(path);
    this.wanted = new Map((order.wanted[this.file] ?? []).map((title, number) => [title, number]));
    this.begun = process.cpuUsage();
    this.stage = new Stage(environment, this.wanted);
  }

  say(facts) {
    appendFileSync(this.order.told, `${JSON.stringify({ file: this.file, ...facts })}\n`);
  }

  async judgeAll(circus) {
    const { stage } = this;
    const first = stage.outcome([...this.wanted.keys()]);
    if (first.verdict !== 'passes') return this.say({ what: 'red', text: first.text });
    this.say({ what: 'ready', cpu: live.seconds(this.begun) });
    const homes = stage.homes.all();
    const listeners = UNHEARD.map((name) => [name, process.listeners(name)]);
    const heard = (error) => stage.failed(error);
    for (const name of UNHEARD) process.removeAllListeners(name).on(name, heard);
    try {
      const { together } = this.order;
      const known = live.known(this.order, this.file, homes);
      const say = (facts) => this.say(facts);
      if (!known.isSecond) return await live.judgeLive(known, stage.homes, together, say, () => this.load(circus), null);
      const again = new NewFile(this, this.circus(circus), true);
      if ((await again.play(0)).verdict !== 'passes') return this.say({ what: 'unfit' });
      return await live.judgeAnew(known, together, say, (pick) => again.play(pick));
    } catch (error) {
      return this.say({ what: 'unfit', text: String(error?.stack ?? error) });
    } finally {
      for (const [name, before] of listeners) {
        process.removeAllListeners(name);
        before.forEach((listener) => process.on(name, listener));
      }
    }
  }

  /** Return the tests and modules as they are loaded, if the tests pass there once more; else null. */
  async load(circus) {
    if (this.stage.homes.isMixed) return null;
    const run = this.circus(circus);
    for (const restores of [true, false]) {
      const file = new LiveFile(this, run, restores);
      if (await file.isClean()) return file;
    }
    return null;
  }

  /** Return what runs the tests that are there. */
  circus(path) {
    this.runtime.enterTestCode?.(); // Jest loads nothing for what is not a test.
    const { run, setState } = this.runtime.requireInternalModule(path);
    this.runtime.leaveTestCode?.();
    setState(this.stage.state);
    return run;
  }
}

/** What goes on in an environment: which tests have run, and what they said. */
class Stage {
  constructor(environment, wanted) {
    this.wanted = wanted;
    this.scope = environment.global;
    this.homes = new live.Homes(new Set());
    this.isOver = false;
    this.ended = [];
    live.ready(environment.global, this.homes.heard);
    const own = environment.handleTestEvent?.bind(environment);
    environment.handleTestEvent = (event, state) => {
      this.state = state;
      this.hear(event);
      return own?.(event, state);
    };
    this.isFirst = true;
  }

  hear({ name, test }) {
    if (name === 'setup') {
      this.globals = new Set(Object.getOwnPropertyNames(this.scope));
      this.variables = { ...this.scope.process.env };
    }
    if (name === 'test_start' && this.isOver) test.mode = 'skip';
    if (name === 'test_done') {
      this.ended.push(test);
      if (test.errors.length && this.wanted.has(titleOf(test))) this.isOver = !this.isFirst;
    }
    if (!this.isFirst) return;
    if (name === 'run_start') this.homes.collected();
    else if (name === 'test_start') this.homes.begun();
    else if (name === 'test_done') this.homes.ended(test);
    else if (name === 'test_skip' || name === 'test_todo') this.homes.open -= 1;
    else if (name === 'run_finish') {
      this.homes.over();
      this.homes.isMixed ||= this.homes.tests.some((each) => each.concurrent);
      this.isFirst = false;
    }
  }

  failed(error) {
    const test = this.state.currentlyRunningTest;
    if (test) test.errors.push([error, test.asyncError]);
    else this.state.unhandledErrors.push([error, error]);
  }

  /** Return what the wanted tests of these titles say. */
  outcome(titles) {
    const failed = this.ended.filter((test) => test.errors.length && this.wanted.has(titleOf(test)));
    const passed = new Set(this.ended.filter((test) => !test.errors.length).map(titleOf));
    const { unhandledErrors: errors = [] } = this.state ?? {};
    const passes = !failed.length && !errors.length && titles.every((title) => !this.wanted.has(title) || passed.has(title));
    return {
      verdict: passes ? 'passes' : 'fails',
      failed: failed.slice(0, 1).map((test) => this.wanted.get(titleOf(test))),
      text: passes ? '' : (failed[0]?.errors ?? errors).map(textOf).join('\n'),
      test: failed[0] ?? null,
    };
  }
}

class LiveFile extends live.Live {
  constructor({ stage, environment, runtime, order }, run, restores) {
    super(environment.global, stage.homes);
    Object.assign(this, { stage, environment, runtime, order, restores, again: run });
    this.modes = new Map(); // of tests
    this.inner = new Map(); // block -> its tests and blocks
    this.learn(stage.state.rootDescribeBlock);
  }

  learn(block) {
    this.inner.set(block, block.children);
    for (const child of block.children) {
      if (child.type === 'test') this.modes.set(child, child.mode);
      else this.learn(child);
    }
  }

  async run(tests) {
    this.choose(new Set(tests));
    Object.assign(this.stage, { isOver: false, ended: [] });
    try {
      await this.again();
      const said = this.stage.outcome(tests.map(titleOf));
      return { ...said, text: said.text.slice(0, this.order.longest) };
    } finally {
      for (const [block, children] of this.inner) block.children = children;
    }
  }

  /** Leaves these tests alone to be run, as if they had not run yet. */
  choose(chosen) {
    this.stage.state.unhandledErrors = [];
    const keep = (block) => {
      block.children = this.inner.get(block).filter((each) => (each.type === 'test' ? chosen.has(each) : keep(each)));
      for (const test of block.children) {
        if (test.type !== 'test') continue;
        const fresh = { errors: [], retryReasons: [], status: null, seenDone: false, duration: null, mode: this.modes.get(test) };
        Object.assign(test, fresh);
      }
      return 0 < block.children.length;
    };
    keep(this.stage.state.rootDescribeBlock);
  }

  clear() {
    const { fakeTimers, fakeTimersModern } = this.environment;
    fakeTimersModern?.useRealTimers?.();
    fakeTimers?.useRealTimers?.();
    this.runtime.clearAllMocks?.();
    if (this.restores) this.runtime.restoreAllMocks?.();
    super.clear();
  }
}

/** The tests of one file, loaded anew with all modules each time that they run. */
class NewFile extends LiveFile {
  constructor(judge, run, restores) {
    super(judge, run, restores);
    Object.assign(this, { path: judge.path, setup: judge.config.setupFilesAfterEnv ?? [] });
    this.globals = judge.stage.globals;
    this.variables = judge.stage.variables;
  }

  async play(pick) {
    const { state } = this.stage;
    this.clear();
    this.runtime.resetModules();
    live.ready(this.scope, this.stage.homes.heard);
    this.scope.process.env.REGREEN_PICK = String(pick);
    // The first hook is Jest's own.
    const root = { ...state.rootDescribeBlock, children: [], tests: [], hooks: state.rootDescribeBlock.hooks.slice(0, 1) };
    const fresh = { rootDescribeBlock: root, currentDescribeBlock: root, unhandledErrors: [], currentlyRunningTest: null };
    Object.assign(state, { ...fresh, hasFocusedTests: false, hasStarted: false });
    Object.assign(this.stage, { isOver: false, ended: [] });
    try {
      this.runtime.enterTestCode?.();
      for (const path of [...this.setup, this.path]) {
        if (this.runtime.unstable_shouldLoadAsEsm?.(path)) await this.runtime.unstable_importModule(path);
        else this.runtime.requireModule(path);
      }
      this.runtime.leaveTestCode?.();
      await this.again();
    } catch (error) {
      return { verdict: 'fails', failed: [], text: textOf(error) };
    }
    const said = this.stage.outcome([...this.stage.wanted.keys()]);
    return { ...said, text: said.text.slice(0, this.order.longest) };
  }
}

function titleOf(test) {
  const titles = [];
  for (let at = test; at?.parent; at = at.parent) titles.unshift(at.name);
  return titles.join(' > ');
}

function textOf(entry) {
  const error = Array.isArray(entry) ? (entry[0] ?? entry[1]) : entry;
  return String(error?.stack ?? error?.message ?? error);
}

module.exports = { judgeAfter };
