// Takes down as literals which calls of a function tests make, and what it answers: a line of JSON for each.
'use strict';

const { appendFileSync } = require('node:fs');
const { setTimeout: later } = require('node:timers');

const LONGEST = 400;
const DEEPEST = 6;
const PATIENCE = 300; // milliseconds until a promise counts as one that nobody keeps
const PLAIN = /^(?:[A-Za-z_$][\w$]*|0|[1-9]\d{0,14})$/;
const KINDS = ['Error', 'RangeError', 'TypeError', 'SyntaxError', 'URIError', 'EvalError'];
// What the engine says of values that nobody would pass: a test of it is a test of nothing.
const NONSENSE = /undefined|null|is not a |is not iterable|Cannot (?:read|set|convert|mix|destructure|use)|call stack/;

class NoLiteral extends Error {}

/** Return what writes and what asks, given the global object of the tests and the file that is written to. */
module.exports = (scope, into) => {
  const say = (row) => appendFileSync(into, `${JSON.stringify(row)}\n`);
  const once = new Set();
  return {
    /** Take down a call, once, when all of its arguments can be written down. */
    called(given) {
      const words = written(() => Array.from(given, (value) => literal(scope, value, 0)));
      const key = JSON.stringify(words);
      if (words === undefined || once.has(key)) return;
      once.add(key);
      say({ call: words });
    },
    /** Make a call twice, and take down what it answers when that is the same and can be written down. */
    async asked(number, call) {
      const answer = await answered(scope, call);
      const again = await answered(scope, call);
      if (answer !== undefined && JSON.stringify(answer) === JSON.stringify(again)) say({ number, ...answer });
    },
  };
};

async function answered(scope, call) {
  let value;
  try {
    value = call();
  } catch (error) {
    return thrown(scope, 'throws', error);
  }
  const isPromise = Object.prototype.toString.call(value) === '[object Promise]';
  if (!isPromise) return given(scope, 'gives', value);
  const nobody = {};
  let timer;
  const tooLate = new Promise((resolve) => {
    timer = later(resolve, PATIENCE, nobody);
  });
  try {
    value = await Promise.race([value, tooLate]);
  } catch (error) {
    return thrown(scope, 'rejects', error);
  } finally {
    timer.close();
  }
  return value === nobody ? undefined : given(scope, 'resolves', value);
}

function given(scope, how, value) {
  const text = written(() => literal(scope, value, 0));
  return text === undefined || LONGEST < text.length ? undefined : { how, text };
}

function thrown(scope, how, error) {
  if (!(error instanceof scope.Error)) return undefined;
  const name = KINDS.find((kind) => error.constructor === scope[kind]) || '';
  const isNonsense = NONSENSE.test(error.message) && name === 'TypeError';
  return isNonsense || error.message.includes('call stack') ? undefined : { how, text: name };
}

function written(make) {
  try {
    return make();
  } catch (error) {
    if (error instanceof NoLiteral) return undefined;
    throw error;
  }
}

function literal(scope, value, depth) {
  if (DEEPEST < depth) throw new NoLiteral();
  switch (typeof value) {
    case 'undefined':
    case 'boolean':
      return String(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'string':
      return JSON.stringify(value).replace(/[\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16)}`);
    case 'object':
      return value === null ? 'null' : composite(scope, value, depth);
    default:
      throw new NoLiteral();
  }
}

function composite(scope, value, depth) {
  const kind = Object.getPrototypeOf(value);
  const fields = Object.getOwnPropertyDescriptors(value);
  const names = Object.keys(fields);
  const isPlain = names.every((name) => 'value' in fields[name] && (fields[name].enumerable || name === 'length'));
  if (!isPlain || Object.getOwnPropertySymbols(value).length) throw new NoLiteral();
  if (kind === scope.Array.prototype && names.length === value.length + 1) {
    return `[${Array.from(value, (each) => literal(scope, each, depth + 1)).join(', ')}]`;
  }
  if (kind === scope.Object.prototype || kind === null) return object(scope, value, names, depth);
  if (kind === scope.Date.prototype && !names.length && Number.isFinite(value.getTime())) {
    return `new Date("${value.toISOString()}")`;
  }
  if (kind === scope.Map.prototype && !names.length) {
    return `new Map(${literal(scope, scope.Array.from(value), depth + 1)})`;
  }
  if (kind === scope.Set.prototype && !names.length) {
    return `new Set(${literal(scope, scope.Array.from(value), depth + 1)})`;
  }
  throw new NoLiteral();
}

function object(scope, value, names, depth) {
  if (names.includes('__proto__')) throw new NoLiteral();
  const pairs = names.map((name) => {
    const key = PLAIN.test(name) ? name : JSON.stringify(name);
    return `${key}: ${literal(scope, value[name], depth + 1)}`;
  });
  return pairs.length ? `{ ${pairs.join(', ')} }` : '{}';
}
