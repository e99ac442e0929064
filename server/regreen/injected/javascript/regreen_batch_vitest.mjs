// A reporter for Vitest, version 1 and later, that keeps it running: the same files again for each pick that it is sent.
import { fileURLToPath } from 'node:url';

const swiftRunner = fileURLToPath(new URL('./regreen_swift_runner.mjs', import.meta.url));

export default class RegreenBatchReporter {
  constructor() {
    this.first = true;
  }

  onInit(vitest) {
    this.vitest = vitest;
    vitest.shouldKeepServer = () => true;
    this.isolated = this.isolates();
    if (process.env.REGREEN_SWIFT) this.configs().forEach(judgeThere);
    process.on('message', ({ pick, files }) => this.again(pick, files));
    process.on('disconnect', () => process.exit(1));
  }

  // The end of the first run, which the command line started: from version 3 on, and before.

  onTestRunEnd(modules, unhandled) {
    this.tell(unhandled);
  }

  onFinished(files, unhandled) {
    this.tell(unhandled);
  }

  tell(unhandled) {
    if (!this.first) return;
    this.first = false;
    this.files = this.vitest.state.getFiles().map((file) => file.filepath);
    this.say(unhandled ?? []);
  }

  async again(pick, files) {
    const projects = this.vitest.projects ?? [];
    process.env.REGREEN_PICK = String(pick);
    for (const { config } of [this.vitest, ...projects]) config.env = { ...config.env, REGREEN_PICK: String(pick) };
    this.vitest.state.clearErrors?.();
    for (const test of this.vitest.state.getFiles().flatMap(testsOf)) test.result = undefined;
    try {
      await this.vitest.rerunFiles(files ?? this.files);
      this.say(this.vitest.state.getUnhandledErrors?.() ?? []);
    } catch (error) {
      this.say([error]);
    }
  }

  say(unhandled) {
    const files = this.vitest.state.getFiles();
    const results = files.flatMap((file) => testsOf(file).filter(isOver).map((test) => told(file, test)));
    const errors = [...files.flatMap((file) => file.result?.errors ?? []), ...unhandled].map(textOf);
    const seconds = files.flatMap(testsOf).reduce((sum, test) => sum + (test.result?.duration ?? 0), 0) / 1000;
    process.send({ results, errors, seconds, isolated: this.isolated });
  }

  configs() {
    return [this.vitest, ...(this.vitest.projects ?? [])].map(({ config }) => config);
  }

  /** Tells whether each file of tests has modules of its own. */
  isolates() {
    return this.configs().every(
      ({ pool, isolate, poolOptions }) =>
        String(pool).startsWith('vm') || (isolate !== false && poolOptions?.[pool]?.isolate !== false),
    );
  }
}

/** The order of the files: the same each time, so that the same test notices a mutant. */
class ByPath {
  async sort(files) {
    return [...files].sort((one, other) => (pathOf(one) < pathOf(other) ? -1 : 1));
  }

  async shard(files) {
    return files;
  }
}

function pathOf(file) {
  return file.moduleId ?? file[1] ?? '';
}

/** Makes the worker judge, one file of tests after the other: it gives each of them modules of its own. */
function judgeThere(config) {
  if (config.runner) return;
  config.runner = swiftRunner;
  config.sequence = { ...config.sequence, sequencer: ByPath };
  config.isolate = false;
  if (config.poolOptions?.forks) config.poolOptions.forks.isolate = false;
}

function isOver(test) {
  return ['pass', 'fail'].includes(test.result?.state);
}

function told(file, test) {
  const titles = [test.name];
  for (let at = test.suite; at?.type === 'suite' && at.name && at !== file; at = at.suite) titles.unshift(at.name);
  const error = (test.result.errors ?? []).map(textOf).join('\n');
  return { path: file.filepath, titles, passed: test.result.state === 'pass', error };
}

/** Return an error as a text: what it says, then the frames as they stand in the sources. */
function textOf(error) {
  const frames = (error?.stacks ?? []).map((frame) => `    at ${frame.file}:${frame.line}`);
  const place = error?.loc ? `${error.loc.file ?? error.id ?? ''}:${error.loc.line}` : '';
  return [`${error?.name ?? 'Error'}: ${error?.message ?? error}`, place, ...frames, error?.stack ?? ''].join('\n');
}

function testsOf(suite) {
  return (suite.tasks ?? []).flatMap((task) => (task.type === 'suite' ? testsOf(task) : [task]));
}
