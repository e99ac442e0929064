// Which files of tests run which bodies of functions, as the run of the tests as they are took it down.
import { existsSync, readFileSync } from 'node:fs';

/** Return who may notice a mutant, given the file into which it was told; null where that cannot be known. */
export function witnesses(order, isolated) {
  if (!order.seenIn || !isolated || !existsSync(order.seenIn)) return null;
  const seen = new Map();
  for (const line of readFileSync(order.seenIn, 'utf8').split('\n')) {
    if (!line) continue;
    const [file, home] = JSON.parse(line);
    if (!file) return null; // Something ran outside of all files of tests.
    if (!seen.has(home)) seen.set(home, new Set());
    seen.get(home).add(file);
  }
  return new Witnesses(seen, order.homes);
}

/** Return who may notice a mutant, given the files whose tests run its line; null where that is not known. */
export function covering(order, files) {
  return order.filesOf ? new Covering(order.filesOf, files) : null;
}

class Killers {
  constructor() {
    this.kills = new Map();
  }

  /** Return these files, those that noticed the most so far first. */
  sorted(files) {
    return [...files].sort().sort((a, b) => (this.kills.get(b) ?? 0) - (this.kills.get(a) ?? 0));
  }

  /** Takes down which file noticed a mutant. */
  noticed(file) {
    this.kills.set(file, (this.kills.get(file) ?? 0) + 1);
  }
}

class Witnesses extends Killers {
  constructor(seen, homes) {
    super();
    this.seen = seen;
    this.homes = homes;
  }

  /** Return the files of tests that run a mutant; null: nobody knows. */
  of(pick) {
    const home = this.homes[pick];
    if (!home || !this.seen.has(home.slice(0, home.indexOf(':') + 1))) return null; // Its file was not seen at all.
    return this.sorted(this.seen.get(home) ?? []);
  }
}

class Covering extends Killers {
  constructor(filesOf, files) {
    super();
    this.filesOf = filesOf;
    this.files = files;
  }

  /** Return the files of tests that run a mutant; null: all of them may. */
  of(pick) {
    return this.filesOf[pick] ? this.sorted(this.filesOf[pick].map((number) => this.files[number])) : null;
  }
}
