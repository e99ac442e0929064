// Takes down which bodies of functions run under which file of tests: a line for each into the file in REGREEN_SEEN_IN.
'use strict';

const { appendFileSync } = require('node:fs');

/** Return what a module calls with the name of a body, given its global object: a runner may have given it its own. */
module.exports = (scope) => {
  const known = new Set();
  return (home) => {
    const worker = scope.__vitest_worker__;
    const state = scope.expect && scope.expect.getState ? scope.expect.getState() : {};
    const line = `${JSON.stringify([(worker && worker.filepath) || state.testPath || '', home])}\n`;
    if (known.has(line)) return;
    known.add(line);
    appendFileSync(process.env.REGREEN_SEEN_IN, line);
  };
};
