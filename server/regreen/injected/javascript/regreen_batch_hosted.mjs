// Runs candidates' tests in a runner that was started once: the host takes one pick after the other. When it hangs or
// dies its whole group is ended, and the next candidate starts another one.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const POLL = 25; // milliseconds
const AFTERWARDS = 2000; // milliseconds that a host has to tell that its worker is gone
const COMPILER = /^esbuild/; // a process that lasts as long as its host
const TICKS = 100; // of a CPU second, as Linux counts them
const MOST_PRINTED = 8000; // characters kept of what a host prints
const COLD = 3; // times the CPU seconds of the first start, for each further one
const SLOW = 4; // times the seconds of a candidate, for what has to start first
const jestHost = fileURLToPath(new URL('./regreen_batch_jest.cjs', import.meta.url));

/** Return an engine for runners that run again and again in one process, which may have been started already. */
export function hosted(order, before = null) {
  let host = before;
  let cold = 0;
  return {
    lasts: true,
    close: () => host?.end(),
    async run(pick, limit, files = null) {
      const starts = !host?.lives;
      if (starts) host = started(order, pick);
      const most = { cpu: limit + (starts ? COLD * cold : 0), wall: order.wall * (starts ? SLOW : 1) };
      const ran = await host.answer(starts ? null : { pick, files }, most);
      if (starts && !cold) cold = ran.taken;
      if (!ran.recovered && (ran.hung || ran.isFull || !host.lives)) host.end();
      return ran;
    },
  };
}

/** Starts a runner that takes one pick after the other. */
export function started(order, pick) {
  const [node, ...argv] = order.runner === 'jest' ? [order.argv[0], jestHost, ...order.argv.slice(1)] : order.argv;
  const child = spawn(node, argv, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...order.environment, REGREEN_PICK: String(pick) },
  });
  return new Host(child);
}

class Host {
  constructor(child) {
    this.child = child;
    this.lives = true;
    this.printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        this.printed = (this.printed + chunk).slice(-MOST_PRINTED);
      });
    }
    child.on('error', () => {
      this.lives = false;
    });
  }

  /** Waits for what came of the tests: of the next pick in these files, or (null) of the one that it was started with. */
  answer(task, most) {
    return new Promise((resolve) => {
      const before = task === null ? 0 : this.seconds();
      const begun = Date.now();
      let hung = false;
      let late = null;
      const end = (facts) => {
        clearInterval(watch);
        clearTimeout(late);
        this.child.removeAllListeners('message');
        this.child.removeAllListeners('close');
        resolve({ results: [], errors: [], seconds: 0, hung: false, taken: this.seconds() - before, ...facts });
      };
      const watch = setInterval(() => {
        const wall = (Date.now() - begun) / 1000;
        // What ran for less than a part of its CPU seconds cannot have used them up.
        const spent = most.cpu / 8 < wall && most.cpu < this.seconds() - before;
        if (!hung && (spent || most.wall < wall)) {
          hung = true;
          late = setTimeout(() => end({ hung }), this.endWorkers() ? AFTERWARDS : 0);
        }
      }, POLL);
      this.child.on('message', (told) => end(hung ? { hung, recovered: true } : told));
      this.child.on('close', () => {
        this.lives = false;
        end({ hung, errors: [this.printed] });
      });
      if (task !== null) this.child.send(task, () => {});
    });
  }

  /** Return the CPU seconds of the host and all that it started; 0 where the system does not tell. */
  seconds() {
    return this.group().reduce((sum, each) => sum + each.ticks, 0) / TICKS;
  }

  /** Ends what runs the tests for the host, if that is a process of its own; tells whether it was. */
  endWorkers() {
    const workers = this.group().filter(({ pid, name }) => pid !== this.child.pid && !COMPILER.test(name));
    for (const { pid } of workers) endProcess(pid);
    return 0 < workers.length;
  }

  /** Return the processes of the host's group. */
  group() {
    try {
      const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
      return names.map(processOf).filter((process) => process?.group === this.child.pid);
    } catch {
      return [];
    }
  }

  end() {
    this.lives = false;
    endProcess(-this.child.pid);
  }
}

function endProcess(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

function processOf(number) {
  try {
    const [, name, rest] = /^\d+ \((.*)\) (.*)/s.exec(readFileSync(`/proc/${number}/stat`, 'latin1'));
    const fields = rest.split(' ');
    const ticks = fields.slice(11, 15).map(Number); // its own, and those of its children that ended
    return { pid: Number(number), name, group: Number(fields[2]), ticks: ticks.reduce((sum, each) => sum + each) };
  } catch {
    return null; // It ended meanwhile.
  }
}
