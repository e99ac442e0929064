// Judges mutants in the worker of Vitest that runs the tests as they are: `regreen_swift_runner.mjs` does the work there. This
// is the side of the driver: it watches for mutants that hang, and puts together what the worker says.
import { appendFileSync, closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { started } from './regreen_batch_hosted.mjs';

const POLL = 25; // milliseconds
const SHORT = 100; // milliseconds in which nothing has to be looked at
const LEAST = 0.5; // CPU seconds that a mutant has
const MORE = 10; // times the CPU seconds of the tests as they are, with what they load
const STARTING = 4; // times the longest seconds of a mutant, for a worker that starts
const ROUNDS = 240; // workers at most
const TOGETHER = 12; // mutants between two looks at the tests as they are
const LONGEST = 4000; // characters kept of what a failing test says
const CHUNK = 1 << 16; // bytes that are read at once

/** Return what the worker knows: of each mutant that is settled its verdict, and the files that ran. Null: it cannot. */
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
    const files = watch.next(Object.keys(byFile));
    if (!files.length) break;
    const before = watch.n;
    await watch.follow({ pick: 0, files });
    if (watch.n === before) break;
  }
  watch.close();
  if (watch.isRed || order.runner === 'vitest') host.end();
  return watch.isRed ? null : watch;
}

class Watch {
  constructor(host, told, wall, deadline, onKilled) {
    Object.assign(this, { host, told, wall, deadline, onKilled, isolated: true });
    this.stream = openSync(told, 'r');
    this.n = 0; // bytes that were read
    this.rest = Buffer.alloc(0); // of a line that has no end yet
    this.files = new Map(); // file -> ready, live, unfit or done
    this.held = new Map(); // file -> the mutants that it runs, once they were judged on its modules as they are loaded
    this.costs = new Map(); // file -> CPU seconds of its tests as they are
    this.limits = new Map(); // file -> CPU seconds of a mutant
    this.killed = new Map(); // mutant -> what was found
    this.passed = new Map(); // mutant -> the files whose tests passed
    this.slow = new Map(); // mutant in a file -> times that it hung
    this.seconds = 0; // of the tests as they are
    this.isSecond = false;
    this.isRed = false;
    this.isLate = false;
  }

  /** Return the files that are to run next; the second round begins when each had its first. */
  next(files) {
    const first = files.filter((file) => !['live', 'unfit', 'done'].includes(this.files.get(file)));
    if (first.length) return first;
    if (!this.isSecond) {
      this.isSecond = true;
      appendFileSync(this.told, `${JSON.stringify({ what: 'second' })}\n`);
    }
    return files.filter((file) => this.files.get(file) === 'live' && this.held.get(file).some((pick) => !this.killed.has(pick)));
  }

  close() {
    closeSync(this.stream);
  }

  /** Waits until the host has run the files, or those that it was started for, and their mutants. */
  follow(task) {
    const { child } = this.host;
    this.begin(0, '', Infinity);
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

  begin(pick, file, limit) {
    this.now = { pick, file, limit, at: Date.now(), cpu: null, isOver: false };
  }

  look() {
    this.read();
    const { pick, file, at, limit, isOver } = this.now;
    const wall = (Date.now() - at) / 1000;
    if (this.deadline < Date.now()) {
      this.isLate = true;
      this.host.end();
    } else if (!isOver && (this.isTooMuch(limit, wall) || this.wall * (pick ? 1 : STARTING) < wall)) {
      this.now.isOver = true;
      if (pick) this.hung(pick, file);
      else this.files.set(file, 'unfit');
      if (!this.host.endWorkers()) this.host.end();
    }
  }

  /** Tells whether what began last took more CPU seconds than it may: they are counted from the first look that comes late. */
  isTooMuch(limit, wall) {
    if (limit === Infinity || wall * 1000 < SHORT) return false;
    this.now.cpu ??= this.host.seconds();
    return limit / 8 < wall && limit < this.host.seconds() - this.now.cpu;
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

  /** Takes in the lines that were written since the last time. */
  read() {
    const chunk = Buffer.alloc(CHUNK);
    for (;;) {
      const n = readSync(this.stream, chunk, 0, CHUNK, this.n);
      if (!n) return;
      this.n += n;
      const text = Buffer.concat([this.rest, chunk.subarray(0, n)]);
      const end = text.lastIndexOf(10) + 1;
      this.rest = text.subarray(end);
      for (const line of text.toString('utf8', 0, end).split('\n')) if (line) this.take(JSON.parse(line));
    }
  }

  take({ what, file, pick, picks, cpu, found }) {
    if (what === 'red') this.isRed = true;
    if (['ready', 'live', 'unfit', 'done'].includes(what)) this.files.set(file, what);
    if (what === 'live') this.held.set(file, picks);
    if (what === 'ready') {
      this.limits.set(file, Math.max(LEAST, MORE * cpu));
      this.costs.set(file, cpu);
      this.seconds += cpu;
    }
    // What starts next may have a start before it.
    this.begin(pick, file, what === 'begin' ? (this.limits.get(file) ?? Infinity) : Infinity);
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
