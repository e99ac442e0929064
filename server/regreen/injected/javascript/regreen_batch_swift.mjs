// Judges mutants in the workers of Vitest that run the tests as they are: `regreen_swift_runner.mjs` does the work there. This
// is the side of the driver: it watches for mutants that hang, and puts together what the workers say.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { started } from './regreen_batch_hosted.mjs';

const POLL = 25; // milliseconds
const LEAST = 0.5; // CPU seconds that a mutant has
const MORE = 10; // times the CPU seconds of the tests as they are, with what they load
const STARTING = 4; // times the longest seconds of a mutant, for a worker that starts
const ROUNDS = 60; // workers of one file at most
const TOGETHER = 12; // mutants between two looks at the tests as they are
const LONGEST = 4000; // characters kept of what a failing test says

/** Return what the workers know: of each mutant that is settled its verdict, and the files that ran. Null: they cannot. */
export async function judgeSwiftly(order, wanted, environment, deadline, onKilled) {
  const told = `${order.swiftIn}.told`;
  const byFile = {};
  for (const name of wanted) {
    const at = name.indexOf('::');
    (byFile[name.slice(0, at)] ??= []).push(name.slice(at + 2));
  }
  const picks = order.mutants.map((pick) => [pick, order.homes[pick] ?? '']);
  const program = order.swift[1];
  const facts = { vitest: `${dirname(program)}/package.json`, told, wanted: byFile, picks };
  writeFileSync(order.swiftIn, JSON.stringify({ ...facts, together: TOGETHER, longest: LONGEST }));
  writeFileSync(told, '');
  const host = started({ ...order, argv: order.swift, environment: { ...environment, REGREEN_SWIFT: order.swiftIn } }, 0);
  const watch = new Watch(host, told, order.wall, deadline, onKilled);
  await watch.follow(null);
  for (let round = 0; round < ROUNDS && host.lives && !watch.isRed && !watch.isLate; round += 1) {
    const files = Object.keys(byFile).filter((file) => watch.isOpen(file));
    if (!files.length) break;
    const before = watch.n;
    await watch.follow({ pick: 0, files });
    if (watch.n === before) break;
  }
  host.end();
  return watch.isRed ? null : watch;
}

class Watch {
  constructor(host, told, wall, deadline, onKilled) {
    Object.assign(this, { host, told, wall, deadline, onKilled, isolated: true });
    this.n = 0; // characters that were read
    this.files = new Map(); // file -> ready, unfit or done
    this.limits = new Map(); // file -> CPU seconds of a mutant
    this.killed = new Map(); // mutant -> what was found
    this.passed = new Map(); // mutant -> the files whose tests passed
    this.slow = new Map(); // mutant in a file -> times that it hung
    this.seconds = 0; // of the tests as they are
    this.isRed = false;
    this.isLate = false;
  }

  isOpen(file) {
    return !['unfit', 'done'].includes(this.files.get(file));
  }

  /** Waits until the host has run the files, or those that it was started for, and their mutants. */
  follow(task) {
    const { child } = this.host;
    this.now = { pick: 0, cpu: this.host.seconds(), at: Date.now(), limit: Infinity };
    return new Promise((resolve) => {
      const timer = setInterval(() => this.look(), POLL);
      const end = (facts) => {
        clearInterval(timer);
        child.removeAllListeners('message');
        this.read();
        if (facts && facts.isolated === false) this.isRed = true;
        resolve();
      };
      child.on('message', end);
      child.on('close', () => {
        this.host.lives = false;
        end(null);
      });
      if (task) child.send(task, () => {});
    });
  }

  look() {
    this.read();
    const { pick, file, cpu, at, limit, isOver } = this.now;
    const wall = (Date.now() - at) / 1000;
    if (this.deadline < Date.now()) {
      this.isLate = true;
      this.host.end();
    } else if (!isOver && ((limit / 8 < wall && limit < this.host.seconds() - cpu) || this.wall * (pick ? 1 : STARTING) < wall)) {
      this.now.isOver = true;
      if (pick) this.hung(pick, file);
      else this.files.set(file, 'unfit');
      if (!this.host.endWorkers()) this.host.end();
    }
  }

  /** Takes down that a mutant took too long: it is looked at once more, alone. */
  hung(pick, file) {
    const key = `${pick} ${file}`;
    const times = (this.slow.get(key) ?? 0) + 1;
    this.slow.set(key, times);
    const found = [{ pick, verdict: 'hangs', failed: [], text: '', seconds: this.limits.get(file) }];
    const line = times < 2 ? { what: 'apart', file, picks: [pick] } : { what: 'kept', file, found };
    appendFileSync(this.told, `${JSON.stringify(line)}\n`);
  }

  read() {
    if (!existsSync(this.told)) return;
    const text = readFileSync(this.told, 'utf8');
    const end = text.lastIndexOf('\n') + 1;
    const lines = text.slice(this.n, end).split('\n').filter(Boolean);
    this.n = Math.max(this.n, end);
    for (const line of lines) this.take(JSON.parse(line));
  }

  take({ what, file, pick, cpu, found }) {
    const limit = this.limits.get(file) ?? Infinity;
    if (what === 'red') this.isRed = true;
    if (['ready', 'unfit', 'done'].includes(what)) this.files.set(file, what);
    if (what === 'ready') {
      this.limits.set(file, Math.max(LEAST, MORE * cpu));
      this.seconds += cpu;
    }
    // What starts next may have a start before it.
    this.now = { pick, file, cpu: this.host.seconds(), at: Date.now(), limit: what === 'begin' ? limit : Infinity };
    for (const each of what === 'kept' ? found : []) this.keep(file, each);
  }

  keep(file, each) {
    if (each.verdict !== 'passes') {
      this.killed.set(each.pick, { ...each, file });
      this.onKilled(each.pick, { ...each, file });
    } else this.passed.set(each.pick, new Set([...(this.passed.get(each.pick) ?? []), file]));
  }

  /** Return what became of a mutant that these files of tests run; null where that is not known. */
  fate(pick, files) {
    if (this.killed.has(pick)) return this.killed.get(pick);
    const passed = this.passed.get(pick);
    return passed && files.every((file) => passed.has(file)) ? { verdict: 'passes', failed: [], text: '', seconds: 0 } : null;
  }
}
