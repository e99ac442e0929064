// A test runner for Vitest, version 1 and later, that judges mutants in the worker that has run a file of tests: first on the
// modules as they are loaded; what nothing notices there, it judges in the second round with modules that are loaded anew for each,
// while Vitest itself and the packages stay. Every so often the tests run as they are, and what was found since the last
// time is only told when they pass.
import { appendFileSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

import live from './regreen_live.cjs';
import { LiveFile } from './regreen_swift_live.mjs';

const order = JSON.parse(readFileSync(process.env.REGREEN_SWIFT, 'utf8'));
const home = createRequire(order.vitest);
const load = (path) => import(pathToFileURL(path).href);
const { vi, TestRunner } = await load(home.resolve('./dist/index.js'));
const Base = TestRunner ?? (await load(home.resolve('./dist/runners.js'))).VitestTestRunner;
const { getCurrentSuite, getHooks, startTests } = await load(home.resolve('@vitest/runner'));
const heard = new Set();
let globals = null;
let environment = null;

export default class RegreenSwiftRunner extends Base {
  onBeforeCollect(paths) {
    if (!globals) {
      live.ready(globalThis, heard);
      globals = new Set(Object.getOwnPropertyNames(globalThis));
      environment = { ...process.env };
    } else if (!this.isQuiet) renew(this);
    heard.clear();
    return super.onBeforeCollect?.(paths);
  }

  async onAfterRunFiles(files) {
    await super.onAfterRunFiles?.(files);
    if (files.length === 1) await new Judge(this, files[0]).judgeAll();
  }
}

class Judge {
  constructor(runner, file) {
    this.runner = runner;
    this.path = file.filepath;
    this.file = realpathSync(file.filepath);
    this.wanted = new Map((order.wanted[this.file] ?? []).map((title, number) => [title, number]));
    this.first = this.outcome(file);
  }

  say(facts) {
    appendFileSync(order.told, `${JSON.stringify({ file: this.file, ...facts })}\n`);
  }

  async judgeAll() {
    const first = [...heard].sort().join();
    if (this.first.verdict !== 'passes') return this.say({ what: 'red', text: this.first.text });
    const begun = process.cpuUsage();
    const fits = this.runner.workerState?.environment?.name === 'node' && (await this.isClean());
    const homes = this.homes?.all();
    if (!fits || [...homes].sort().join() !== first) return this.say({ what: 'unfit' });
    this.say({ what: 'ready', cpu: live.seconds(begun) });
    const known = live.known(order, this.file, homes);
    const say = (facts) => this.say(facts);
    if (known.isSecond) return live.judgeAnew(known, order.together, say, (pick) => this.play(pick));
    const reload = async () => ((await this.isClean()) ? this.load() : null);
    return live.judgeLive(known, this.homes, order.together, say, () => this.load(), reload);
  }

  /** Return the modules and tests as they are loaded, if the tests pass there once more; else null. */
  async load() {
    const outcome = (file, tests) => this.outcome(file, tests);
    const tools = { vi, startTests, getCurrentSuite, getHooks, outcome, runner: () => quiet(this.runner, this.wanted) };
    const file = new LiveFile(tools, this.path, this.loaded, this.homes);
    try {
      return (await file.isClean()) ? file : null;
    } catch {
      return null; // This version of Vitest does not let it.
    }
  }

  async isClean() {
    return (await this.play(0)).verdict === 'passes';
  }

  async play(pick) {
    renew(this.runner);
    process.env.REGREEN_PICK = String(pick);
    this.homes = new live.Homes(heard);
    try {
      const [file] = await startTests([this.path], quiet(this.runner, this.wanted, this.homes));
      this.loaded = file;
      return this.outcome(file);
    } catch (error) {
      return { verdict: 'fails', failed: [], text: textOf(error) };
    }
  }

  /** Return what the wanted tests of a file say, or these of them. */
  outcome(file, chosen = null) {
    const { wanted } = this;
    const ended = testsOf(file).filter((test) => ['pass', 'fail'].includes(test.result?.state));
    const failed = ended.filter((test) => test.result.state === 'fail' && wanted.has(titleOf(test)));
    const passed = new Set(ended.filter((test) => test.result.state === 'pass').map(titleOf));
    const errors = failed.length ? failed[0].result.errors : file.result?.errors;
    const asked = chosen ? chosen.map(titleOf).filter((title) => wanted.has(title)) : [...wanted.keys()];
    const passes = !failed.length && asked.every((title) => passed.has(title));
    return {
      verdict: passes ? 'passes' : 'fails',
      failed: failed.slice(0, 1).map((test) => wanted.get(titleOf(test))),
      text: passes ? '' : (errors ?? []).map(textOf).join('\n').slice(0, order.longest),
      test: failed[0] ?? null,
    };
  }
}

/** Leaves nothing of the last run behind that can be reached. */
function renew(runner) {
  vi.useRealTimers();
  vi.unstubAllEnvs?.();
  vi.unstubAllGlobals?.();
  vi.restoreAllMocks();
  vi.resetConfig?.();
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
  for (const name of Object.getOwnPropertyNames(globalThis)) if (!globals.has(name)) Reflect.deleteProperty(globalThis, name);
  live.ready(globalThis, heard);
  const { moduleRunner, __vitest_executor: executor, workerState } = runner;
  (moduleRunner ?? executor)?.mocker?.reset?.();
  vi.resetModules();
  const modules = workerState.evaluatedModules?.idToModuleMap ?? workerState.moduleCache;
  for (const id of [...modules.keys()]) if (id.startsWith('mock:')) modules.delete(id);
}

/** Return a runner that tells Vitest nothing, and passes over what is left when a wanted test has failed. */
function quiet(runner, wanted, homes = null) {
  const base = Base.prototype;
  const inner = Object.create(runner);
  let isOver = false;
  return Object.assign(inner, {
    isQuiet: true,
    onCollected: () => homes?.collected(),
    onTaskUpdate: async () => {},
    onCollectStart: base.onCollectStart,
    onBeforeRunFiles: base.onBeforeRunFiles,
    async onAfterRunFiles(files) {
      homes?.over();
      await base.onAfterRunFiles?.call(inner, files);
    },
    async onBeforeRunTask(test) {
      if (isOver) test.mode = 'skip';
      if (['run', 'queued'].includes(test.mode)) homes?.begun();
      await base.onBeforeRunTask?.call(inner, test);
    },
    async onAfterRunTask(test) {
      homes?.ended(test);
      if (test.result?.state === 'fail' && wanted.has(titleOf(test))) isOver = true;
      await base.onAfterRunTask?.call(inner, test);
    },
  });
}

function titleOf(test) {
  const titles = [test.name];
  for (let at = test.suite; at?.type === 'suite' && at.name && !at.filepath; at = at.suite) titles.unshift(at.name);
  return titles.join(' > ');
}

function testsOf(suite) {
  return (suite.tasks ?? []).flatMap((task) => (task.type === 'suite' ? testsOf(task) : [task]));
}

function textOf(error) {
  return `${error?.name ?? 'Error'}: ${error?.message ?? error}\n${error?.stack ?? ''}`;
}
