// Finds the lines of switched files that a runner's compiler complains about.
import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { relative } from 'node:path';

const MOST = 200; // lines of one file

/** Return what is wrong with the switched files: path, line and text of each complaint. */
export function complaints(order, environment, text) {
  const found = (order.switched ?? []).flatMap((file) => said(file, text));
  return found.length ? found : (order.switched ?? []).flatMap((file) => checked(file, environment));
}

/** Return the lines of a file that a text names: `a.ts:3`, `a.ts(3,1)` and `a.js: Unexpected token (3:1)`. */
function said(file, text) {
  const path = realpathSync(file);
  const names = [...new Set([file, path, relative(process.cwd(), file)])].map(escaped).join('|');
  const places = new RegExp(`(?:^|[\\s('"\\[/])(?:${names})(?::(\\d+)|\\((\\d+)|: [^\\n]*\\((\\d+):\\d+\\))`, 'gm');
  const lines = new Map();
  for (const match of text.matchAll(places)) {
    const line = Number(match[1] ?? match[2] ?? match[3]);
    const at = text.lastIndexOf('\n', match.index) + 1;
    if (lines.size < MOST && !lines.has(line)) lines.set(line, text.slice(at, at + 300).trim());
  }
  return [...lines].map(([line, what]) => ({ path, line, text: what.split('\n')[0] }));
}

/** Return what Node itself says of a file without types. */
function checked(file, environment) {
  if (!/\.[cm]?js$/.test(file)) return [];
  try {
    execFileSync(process.execPath, ['--check', file], { stdio: ['ignore', 'ignore', 'pipe'], env: environment });
  } catch (error) {
    const found = /:(\d+)\s*$/m.exec(String(error.stderr));
    if (found) return [{ path: realpathSync(file), line: Number(found[1]), text: String(error.stderr) }];
  }
  return [];
}

function escaped(name) {
  return name.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
