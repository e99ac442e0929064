// Runs a file of node:test in this thread, and prints after each test which lines of the workspace it ran.
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { relative, sep } from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = process.env.REGREEN_ROOT;
delete process.env.REGREEN_ROOT;
const session = new Session();
const known = new Map(); // path -> where the first letter of each line stands, -1 for an empty one, and where it ends

session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
beforeEach(() => void take());
afterEach((context) => {
  const lines = {};
  for (const { url, functions } of take()) {
    const path = inside(url);
    if (path) lines[path] = linesOf(url, functions);
  }
  process.stdout.write(`\n${JSON.stringify({ regreen: { name: context.fullName ?? context.name, lines } })}\n`);
});

await import(pathToFileURL(process.argv[2]).href);

/** Return what ran since it was last asked. */
function take() {
  let found = [];
  session.post('Profiler.takePreciseCoverage', (error, answer) => {
    if (!error) found = answer.result;
  });
  return found;
}

/** Return the path of a script below the root; "" for others. */
function inside(url) {
  if (!url.startsWith('file:') || url.includes('/node_modules/')) return '';
  const path = relative(root, fileURLToPath(url));
  return path.startsWith('..') ? '' : path.split(sep).join('/');
}

/** Return the lines whose beginning ran, and those on which a function begins that ran. */
function linesOf(url, functions) {
  const places = placesOf(url);
  const counts = places.map(() => 0);
  const begun = new Set();
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) {
      places.forEach(({ first }, at) => {
        if (startOffset <= first && first < endOffset) counts[at] = count;
      });
    }
    const { startOffset, count } = ranges[0];
    if (startOffset && count) begun.add(places.findIndex(({ end }) => startOffset < end));
  }
  return counts.flatMap((count, at) => (0 < count || begun.has(at) ? [at + 1] : []));
}

function placesOf(url) {
  if (!known.has(url)) {
    let offset = 0;
    const found = readFileSync(fileURLToPath(url), 'utf8').split('\n').map((line) => {
      const first = line.search(/\S/);
      const start = offset;
      offset += line.length + 1;
      return { first: first < 0 ? -1 : start + first, end: offset };
    });
    known.set(url, found);
  }
  return known.get(url);
}
