// A test runner for Vitest, version 1 and later, that judges mutants in the worker of a file of tests: it loads the file and
// what it imports anew for each of them, while Vitest itself and the packages stay. Every so often the tests run as they are,
// and what was found since the last time is only told when they pass.
import { appendFileSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const order = JSON.parse(readFileSync(process.env.REGREEN_SWIFT, 'utf8'));
const home = createRequire(order.vitest);
const load = (path) => import(pathToFileURL(path).href);
const { vi, TestRunner } = await load(home.resolve('./dist/index.js'));
const Base = TestRunner ?? (await load(home.resolve('./dist/runners.js'))).VitestTestRunner;
const { startTests } = await load(home.resolve('@vitest/runner'));
const heard = new Set();
let globals = null;

export default class RegreenSwiftRunner extends Base {
  onBeforeCollect(paths) {
    if (!globals) {
      globalThis.__regreenHeard = heard;
      globals = new Set(Object.getOwnPropertyNames(globalThis));
    }
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
    this.environment = { ...process.env };
    this.first = outcome(file, this.wanted);
  }

  say(facts) {
    appendFileSync(order.told, `${JSON.stringify({ file: this.file, ...facts })}\n`);
  }

  async judgeAll() {
    const homes = [...heard].sort().join();
    if (this.first.verdict !== 'passes') return this.say({ what: 'red', text: this.first.text });
    heard.clear();
    const begun = process.cpuUsage();
    const fits = this.runner.workerState?.environment?.name === 'node' && (await this.isClean());
    if (!fits || [...heard].sort().join() !== homes) return this.say({ what: 'unfit' });
    this.say({ what: 'ready', cpu: seconds(begun) });
    const { together, alone } = this.picks(new Set(homes.split(',')));
    while (together.length) {
      if (!(await this.judgeSome(together.splice(0, order.together)))) return undefined;
    }
    for (const pick of alone) {
      if (!(await this.judgeSome([pick], true))) return undefined;
    }
    return this.say({ what: 'done' });
  }

  /** Return what is still to be judged here: of what may make trouble each alone. */
  picks(homes) {
    const lines = readFileSync(order.told, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
    const settled = new Set();
    const troubled = new Set();
    for (const { what, file, found = [], picks = [] } of lines) {
      for (const { pick, verdict } of what === 'kept' ? found : []) {
        if (verdict !== 'passes' || file === this.file) settled.add(pick);
      }
      if (what === 'apart' && file === this.file) picks.forEach((pick) => troubled.add(pick));
    }
    const here = order.picks.filter(([pick, at]) => homes.has(at) && !settled.has(pick)).map(([pick]) => pick);
    return { together: here.filter((pick) => !troubled.has(pick)), alone: here.filter((pick) => troubled.has(pick)) };
  }

  /** Judges mutants, then looks whether the tests still pass as they are; tells whether this worker can go on. */
  async judgeSome(picks, isAlone = false) {
    const found = [];
    for (const pick of picks) {
      this.say({ what: 'begin', pick });
      const begun = process.cpuUsage();
      found.push({ pick, ...(await this.play(pick)), seconds: seconds(begun) });
    }
    this.say({ what: 'begin', pick: 0 });
    const isClean = await this.isClean();
    if (isClean || isAlone) this.say({ what: 'kept', found });
    else this.say({ what: 'apart', picks });
    return isClean;
  }

  async isClean() {
    return (await this.play(0)).verdict === 'passes';
  }

  async play(pick) {
    this.renew();
    process.env.REGREEN_PICK = String(pick);
    try {
      const [file] = await startTests([this.path], quiet(this.runner, this.wanted));
      return outcome(file, this.wanted);
    } catch (error) {
      return { verdict: 'fails', failed: [], text: textOf(error) };
    }
  }

  /** Leaves nothing of the last run behind that can be reached. */
  renew() {
    vi.useRealTimers();
    vi.unstubAllEnvs?.();
    vi.unstubAllGlobals?.();
    vi.restoreAllMocks();
    vi.resetConfig?.();
    for (const name of Object.keys(process.env)) if (!(name in this.environment)) delete process.env[name];
    Object.assign(process.env, this.environment);
    for (const name of Object.getOwnPropertyNames(globalThis)) if (!globals.has(name)) Reflect.deleteProperty(globalThis, name);
    const { moduleRunner, __vitest_executor: executor, workerState } = this.runner;
    (moduleRunner ?? executor)?.mocker?.reset?.();
    vi.resetModules();
    const modules = workerState.evaluatedModules?.idToModuleMap ?? workerState.moduleCache;
    for (const id of [...modules.keys()]) if (id.startsWith('mock:')) modules.delete(id);
  }
}

/** Return a runner that tells Vitest nothing, and passes over what is left when a wanted test has failed. */
function quiet(runner, wanted) {
  const base = Base.prototype;
  const inner = Object.create(runner);
  let isOver = false;
  return Object.assign(inner, {
    onCollected: () => {},
    onTaskUpdate: async () => {},
    onCollectStart: base.onCollectStart,
    onBeforeRunFiles: base.onBeforeRunFiles,
    onAfterRunFiles: base.onAfterRunFiles,
    async onBeforeRunTask(test) {
      if (isOver) test.mode = 'skip';
      await base.onBeforeRunTask?.call(inner, test);
    },
    async onAfterRunTask(test) {
      if (test.result?.state === 'fail' && wanted.has(titleOf(test))) isOver = true;
      await base.onAfterRunTask?.call(inner, test);
    },
  });
}

/** Return what the wanted tests of a file say. */
function outcome(file, wanted) {
  const ended = testsOf(file).filter((test) => ['pass', 'fail'].includes(test.result?.state));
  const failed = ended.filter((test) => test.result.state === 'fail' && wanted.has(titleOf(test)));
  const passed = new Set(ended.filter((test) => test.result.state === 'pass').map(titleOf));
  const errors = failed.length ? failed[0].result.errors : file.result?.errors;
  const passes = !failed.length && [...wanted.keys()].every((title) => passed.has(title));
  return {
    verdict: passes ? 'passes' : 'fails',
    failed: failed.slice(0, 1).map((test) => wanted.get(titleOf(test))),
    text: passes ? '' : (errors ?? []).map(textOf).join('\n').slice(0, order.longest),
  };
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

function seconds(since) {
  const used = process.cpuUsage(since);
  return (used.user + used.system) / 1e6;
}
