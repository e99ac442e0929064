// Judges mutants on modules that stay loaded: their switches are set, and the tests that run the mutant's function run again. What
// is noticed is believed when the test passes on the code as it is right afterwards, and notices the mutant once more.
'use strict';

const { readFileSync } = require('node:fs');

const MOST = 4000; // switches that may be known: a test that loads modules anew adds to them each time

/** Which bodies of functions run while the modules of a file of tests load, and which under each of its tests. */
class Homes {
  constructor(heard) {
    this.heard = heard;
    this.loading = new Set(); // what ran before the first test
    this.outside = new Set(); // what ran between tests: in hooks of suites
    this.byTest = new Map();
    this.open = 0;
    this.isMixed = false; // whether tests ran beside each other
  }

  collected() {
    this.move(this.loading);
  }

  begun() {
    this.move(this.outside);
    this.isMixed ||= 0 < this.open;
    this.open += 1;
  }

  ended(test) {
    this.open -= 1;
    this.byTest.set(test, new Set());
    this.move(this.byTest.get(test));
  }

  over() {
    this.move(this.outside);
  }

  move(into) {
    for (const home of this.heard) into.add(home);
    this.heard.clear();
  }

  get tests() {
    return [...this.byTest.keys()];
  }

  /** Return everything that ran. */
  all() {
    return new Set([this.loading, this.outside, ...this.byTest.values()].flatMap((homes) => [...homes]));
  }

  /** Return the tests that run a body. */
  testsOf(home) {
    if (this.isMixed || this.outside.has(home)) return this.tests;
    return this.tests.filter((test) => this.byTest.get(test).has(home));
  }
}

/** The tests of one file and its modules, as they are loaded: `run` has them run, `scope` is the global object there. */
class Live {
  constructor(scope, homes) {
    this.scope = scope;
    this.homes = homes;
    this.globals = new Set(Object.getOwnPropertyNames(scope));
    this.variables = { ...scope.process.env };
  }

  /** Tell whether the tests pass as they are, on the modules as they are. */
  async isClean() {
    return this.scope.__regreenLive.length < MOST && (await this.play(0, this.homes.tests)).verdict === 'passes';
  }

  /** Return what the tests that run a mutant say; null where they cannot be believed. */
  async judge(pick, home) {
    const tests = this.homes.testsOf(home);
    const first = await this.play(pick, tests);
    if (first.verdict === 'passes') return first;
    const again = first.test ? [first.test] : tests;
    if ((await this.play(0, again)).verdict !== 'passes') return null;
    return (await this.play(pick, again)).verdict === 'passes' ? null : first;
  }

  async play(pick, tests) {
    this.clear();
    try {
      this.set(pick);
      return await this.run(tests);
    } finally {
      this.set(0);
    }
  }

  set(pick) {
    this.scope.__regreenMuted = 0 < pick;
    this.scope.__regreenLive.pick = pick;
    for (const each of this.scope.__regreenLive) each(pick);
  }

  /** Takes back what the last tests left in the environment. */
  clear() {
    const { env } = this.scope.process;
    for (const name of Object.keys(env)) if (!(name in this.variables)) delete env[name];
    Object.assign(env, this.variables);
    for (const name of Object.getOwnPropertyNames(this.scope)) {
      if (!this.globals.has(name)) Reflect.deleteProperty(this.scope, name);
    }
  }
}

/** Readies a global object for switches of modules and for what runs. */
function ready(scope, heard) {
  Object.assign(scope, { __regreenHeard: heard, __regreenLive: [], __regreenMuted: false });
}

/** Return what is still to be judged in a file, and what made trouble there before or was not noticed. */
function known(order, path, homes) {
  const lines = readFileSync(order.told, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
  const settled = new Set();
  const troubled = new Set();
  const open = new Set();
  for (const { what, file, found = [], picks = [] } of lines) {
    for (const { pick, verdict } of what === 'kept' ? found : []) {
      if (verdict !== 'passes' || file === path) settled.add(pick);
    }
    if (what === 'apart' && file === path) picks.forEach((pick) => troubled.add(pick));
    if (what === 'open' && file === path) picks.forEach((pick) => open.add(pick));
  }
  const here = order.picks.filter(([pick, at]) => homes.has(at) && !settled.has(pick));
  return { here, troubled, open, isSecond: lines.some(({ what }) => what === 'second') };
}

/** Judges what can be judged on modules as they are loaded; `open` and `reload` give them, or null. Return whether that is over. */
async function judgeLive({ here, troubled, open }, homes, together, say, load, reload) {
  const fit = here.filter(([pick, at]) => !troubled.has(pick) && !open.has(pick) && !homes.loading.has(at));
  let live = fit.length ? await load() : null;
  while (live && fit.length) {
    const found = [];
    const left = [];
    let isClean = true;
    for (const [pick, at] of fit.splice(0, together)) {
      say({ what: 'begin', pick });
      const begun = process.cpuUsage();
      const said = isClean ? await live.judge(pick, at) : null;
      isClean &&= said !== null;
      if (said?.verdict !== 'fails') left.push(pick);
      else found.push({ pick, verdict: 'fails', failed: said.failed, text: said.text, seconds: seconds(begun), checked: true });
    }
    say({ what: 'begin', pick: 0 });
    isClean &&= await live.isClean();
    say(isClean ? { what: 'kept', found } : { what: 'open', picks: found.map(({ pick }) => pick) });
    say({ what: 'open', picks: left });
    if (!isClean && !reload) return false;
    if (!isClean) live = await reload();
  }
  say({ what: 'live', picks: here.map(([pick]) => pick) });
  return true;
}

/** Judges with modules that are loaded anew for each mutant, as `play` does; what made trouble before alone. */
async function judgeAnew({ here, troubled }, together, say, play) {
  const open = here.map(([pick]) => pick);
  const some = open.filter((pick) => !troubled.has(pick));
  while (some.length) if (!(await judgeSome(some.splice(0, together), say, play))) return;
  for (const pick of open) if (troubled.has(pick) && !(await judgeSome([pick], say, play, true))) return;
  say({ what: 'done' });
}

/** Judges mutants, then looks whether the tests still pass as they are; tells whether this process can go on. */
async function judgeSome(picks, say, play, isAlone = false) {
  const all = [];
  for (const pick of picks) {
    say({ what: 'begin', pick });
    const begun = process.cpuUsage();
    const { verdict, failed, text } = await play(pick);
    all.push({ pick, verdict, failed, text, seconds: seconds(begun) });
  }
  say({ what: 'begin', pick: 0 });
  const isClean = (await play(0)).verdict === 'passes';
  const found = all.map((each) => ({ ...each, checked: isClean }));
  say(isClean || isAlone ? { what: 'kept', found } : { what: 'apart', picks });
  return isClean;
}

function seconds(since) {
  const used = process.cpuUsage(since);
  return (used.user + used.system) / 1e6;
}

module.exports = { Homes, Live, judgeAnew, judgeLive, known, ready, seconds };
