// Runs a file of node:test in this thread, and prints after each test which lines of the workspace it ran.
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { relative, sep } from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = process.env.REGREEN_ROOT;
delete process.env.REGREEN_ROOT;
const session = new Session();
const known = new Map(); // path -> where the first letters stand, in which lines that is, and where each line ends

session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
beforeEach(() => tell(''));
afterEach((context) => tell(context.fullName ?? context.name));

await import(pathToFileURL(process.argv[2]).href);

/** Prints which lines ran since the last time: in a test, or (without a name) between tests. */
function tell(name) {
  const lines = {};
  for (const { url, functions } of take()) {
    const path = inside(url);
    if (path) lines[path] = linesOf(url, functions);
  }
  process.stdout.write(`\n${JSON.stringify({ regreen: { name, lines } })}\n`);
}

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
  const { firsts, numbers, ends } = placesOf(url);
  const counts = new Int32Array(firsts.length);
  const begun = new Set();
  for (const { ranges } of functions) {
    for (const { startOffset, endOffset, count } of ranges) {
      for (let at = below(firsts, startOffset); at < firsts.length && firsts[at] < endOffset; at += 1) counts[at] = count;
    }
    const { startOffset, count } = ranges[0];
    if (startOffset && count) begun.add(below(ends, startOffset + 1) + 1);
  }
  numbers.forEach((number, at) => 0 < counts[at] && begun.add(number));
  return [...begun].sort((a, b) => a - b);
}

/** Return how many of sorted numbers are less than one. */
function below(sorted, number) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

function placesOf(url) {
  if (!known.has(url)) {
    let offset = 0;
    const found = { firsts: [], numbers: [], ends: [] };
    readFileSync(fileURLToPath(url), 'utf8').split('\n').forEach((line, at) => {
      const first = line.search(/\S/);
      if (0 <= first) {
        found.firsts.push(offset + first);
        found.numbers.push(at + 1);
      }
      offset += line.length + 1;
      found.ends.push(offset);
    });
    known.set(url, found);
  }
  return known.get(url);
}
