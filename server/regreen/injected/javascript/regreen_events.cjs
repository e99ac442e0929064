// Writes what a run does, one JSON object a line, at once: what is lost with the process is only what it did not say.
//
// Runs in the workspace's own Node, from version 18 on. Uses nothing but Node itself.
'use strict';

const fs = require('node:fs');
const { fileURLToPath } = require('node:url');
const { inspect } = require('node:util');

const MAX_TEXT = 20000;
const MAX_DEPTH = 5; // of causes

const report = process.env.REGREEN_REPORT || '';
const nonce = process.env.REGREEN_NONCE || '';
let file = -1;

/** Hide from tests where the report is and what its lines carry. */
function hide() {
  delete process.env.REGREEN_REPORT;
  delete process.env.REGREEN_NONCE;
}

function write(event, fields) {
  if (!report) return;
  try {
    if (file < 0) file = fs.openSync(report, 'a');
    fs.writeSync(file, JSON.stringify({ nonce, event, ...fields }) + '\n');
  } catch {
    // A report that cannot be written must not change what the tests do.
  }
}

/** Return a path of a file, given as one or as a URL. */
function pathOf(name) {
  if (typeof name !== 'string') return '';
  try {
    return name.startsWith('file:') ? fileURLToPath(name) : name;
  } catch {
    return name;
  }
}

function text(value) {
  return String(value).slice(0, MAX_TEXT);
}

/** Return a value as a person reads it; a string without quotes. */
function shown(value) {
  if (typeof value === 'string') return value.slice(0, MAX_TEXT);
  try {
    return inspect(value, { depth: 6, breakLength: 100, maxArrayLength: 50, maxStringLength: 2000 }).slice(0, 4000);
  } catch {
    return '';
  }
}

function own(value, key) {
  try {
    return value[key];
  } catch {
    return undefined;
  }
}

/** Return what is known of something that was thrown. */
function errorOf(thrown, depth = 0) {
  if (thrown === null || (typeof thrown !== 'object' && typeof thrown !== 'function')) {
    return { name: '', message: text(thrown), stack: '', thrown: typeof thrown };
  }
  const found = {
    name: text(own(thrown, 'name') || (thrown.constructor && thrown.constructor.name) || ''),
    message: text(own(thrown, 'message') ?? shown(thrown)),
    stack: text(own(thrown, 'stack') || ''),
  };
  for (const key of ['code', 'operator', 'syscall', 'address', 'port', 'path', 'url', 'specifier', 'diff']) {
    const value = own(thrown, key);
    if (typeof value === 'string' || typeof value === 'number') found[key] = text(value);
  }
  const matcher = own(thrown, 'matcherResult') || {};
  for (const key of ['expected', 'actual']) {
    if (key in thrown || key in matcher) {
      const value = key in thrown ? own(thrown, key) : own(matcher, key);
      if (value !== undefined || 'operator' in thrown || 'matcherResult' in thrown) found[key] = shown(value);
    }
  }
  const frames = own(thrown, 'stacks');
  if (Array.isArray(frames) && frames.length) {
    found.frames = frames.map((frame) => [pathOf(frame.file), frame.line || 0, text(frame.method || '')]);
  }
  const location = own(thrown, 'loc');
  if (location && location.line) {
    found.file = pathOf(location.file || own(thrown, 'id') || own(thrown, 'filename') || '');
    found.line = location.line;
  }
  const cause = own(thrown, 'cause') || (Array.isArray(thrown.errors) && thrown.errors[0]);
  if (cause && depth < MAX_DEPTH) found.cause = errorOf(cause, depth + 1);
  return found;
}

/** Tell when the process ends, and from where it was ended: the stack of the event holds the call of `process.exit`. */
function tellExit(isOver, fields = {}) {
  process.on('exit', (code) => {
    if (isOver()) return;
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 50;
    const stack = new Error('exit').stack || '';
    Error.stackTraceLimit = limit;
    write('exit', { ...fields, code: code || 0, called: /\bprocess\.(?:reallyE|e)xit\b/.test(stack), stack });
  });
}

module.exports = { errorOf, hide, pathOf, shown, tellExit, text, write };
