// Runs several commands one after the other: the runs of a package whose tests need more than one runner.
'use strict';

const { spawnSync } = require('node:child_process');

let status = 0;
for (const { argv, cwd, env } of JSON.parse(process.argv[2])) {
  const done = spawnSync(argv[0], argv.slice(1), { cwd, env: { ...process.env, ...env }, stdio: 'inherit' });
  if (done.error) process.stderr.write(`${done.error.message}\n`);
  if (done.signal) process.kill(process.pid, done.signal);
  status = status || (done.status ?? 1);
}
process.exit(status);
