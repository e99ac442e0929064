// Workspaces written in line: "-- path --" before each file's text.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Write the files of a text into a folder. */
export function lay(folder: string, text: string): void {
  for (const [, path, body] of text.matchAll(/^-- (.+?) --\n(.*?)(?=^-- .+? --\n|$(?![^]))/gms)) {
    write(join(folder, path!), body!);
  }
}

/** Write one file and the folders above it. */
export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Read a text file. */
export function read(path: string): string {
  return readFileSync(path, "utf8");
}
