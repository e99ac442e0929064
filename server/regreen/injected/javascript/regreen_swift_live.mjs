// The tests of one file under Vitest, which run again and again on the modules as they are loaded.
import live from './regreen_live.cjs';

export class LiveFile extends live.Live {
  constructor(tools, path, file, homes) {
    super(globalThis, homes);
    Object.assign(this, { tools, path, file });
    this.modes = new Map(); // of tests and suites
    this.inner = new Map(); // suite -> its tests and suites
    this.learn(file);
  }

  learn(suite) {
    this.inner.set(suite, suite.tasks);
    for (const task of suite.tasks) {
      this.modes.set(task, task.mode);
      if (task.type === 'suite') this.learn(task);
    }
  }

  async run(tests) {
    this.choose(new Set(tests));
    try {
      const [file] = await this.tools.startTests([this.path], this.quiet());
      return this.tools.outcome(file, tests);
    } finally {
      for (const [suite, tasks] of this.inner) suite.tasks = tasks;
    }
  }

  /** Leaves these tests alone to be run, as if they had not run yet. */
  choose(chosen) {
    const keep = (suite) => {
      suite.tasks = this.inner.get(suite).filter((task) => (task.type === 'suite' ? keep(task) : chosen.has(task)));
      for (const task of suite.tasks) {
        task.mode = this.modes.get(task);
        task.result = undefined;
      }
      return 0 < suite.tasks.length;
    };
    keep(this.file);
  }

  clear() {
    const { vi } = this.tools;
    vi.useRealTimers();
    vi.unstubAllEnvs?.();
    vi.unstubAllGlobals?.();
    vi.restoreAllMocks();
    super.clear();
  }

  /** Return a runner that finds the tests where they are instead of loading their file. */
  quiet() {
    const { getCurrentSuite, getHooks, runner } = this.tools;
    const importFile = async (_path, source) => {
      if (source !== 'collect') return;
      const suite = getCurrentSuite();
      suite.tasks.push(...this.file.tasks);
      const hooks = getHooks(this.file);
      for (const name of Object.keys(hooks)) for (const hook of hooks[name]) suite.on(name, hook);
    };
    return Object.assign(runner(), { importFile });
  }
}
