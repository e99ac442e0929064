// Takes down which bodies of functions run under which file of tests: a line for each into the file in REGREEN_SEEN_IN.
'use strict';

const { appendFileSync } = require('node:fs');

const known = new Set();

/** Return what a module calls with the name of a body, given its global object: a runner may have given it its own. */
module.exports = (scope) => {
  const told = new Set();
  const tell = (home) => {
    if (scope.__regreenMuted) return;
    if (scope.__regreenHeard) scope.__regreenHeard.add(home);
    if (told.has(home)) return;
    const worker = scope.__vitest_worker__;
    const state = scope.expect && scope.expect.getState ? scope.expect.getState() : {};
    const file = (worker && worker.filepath) || state.testPath || '';
    const line = `${JSON.stringify([file, home])}\n`;
    if (file) told.add(home);
    if (known.has(line)) return;
    known.add(line);
    appendFileSync(process.env.REGREEN_SEEN_IN, line);
  };
  // Takes what sets a module's switch while it stays loaded.
  tell.live = (set) => {
    if (!scope.__regreenLive) return;
    scope.__regreenLive.push(set);
    set(scope.__regreenLive.pick || 0);
  };
  return tell;
};
