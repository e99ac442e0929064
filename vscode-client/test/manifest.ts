import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

interface Row {
  readonly command: string;
  readonly category?: string;
  readonly when?: string;
  readonly enablement?: string;
}

interface Setting {
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly scope?: string;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
}

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const commands: readonly Row[] = manifest.contributes.commands;
const names = new Set(commands.map(({ command }) => command));
const settings: Record<string, Setting> = manifest.contributes.configuration.properties;
const menus: Record<string, readonly Row[]> = manifest.contributes.menus;

// What VS Code itself binds after Ctrl+; (Cmd+; on a Mac), on every platform.
const TAKEN = ["a", "c", "e", "f", "l"].flatMap((key) => [key, `ctrl+${key}`, `ctrl+shift+${key}`]);
const TAKEN_TOO = ["ctrl+i", "ctrl+m", "ctrl+o", "ctrl+r", "ctrl+x", "ctrl+shift+i", "ctrl+shift+o"];

test("every command has its category", () => {
  assert.deepEqual(commands.filter(({ category }) => category !== "Regreen"), []);
});

test("menus and keys lead to commands that exist, and only when these are of use", () => {
  const rows = [...Object.values(menus).flat(), ...(manifest.contributes.keybindings as Row[])];
  assert.deepEqual(rows.filter(({ command, when }) => !names.has(command) || !when), []);
});

test("no key is one of the editor's own", () => {
  for (const { key, mac } of manifest.contributes.keybindings as { key: string; mac: string }[]) {
    const [first, second, ...rest] = key.split(" ");
    assert.deepEqual([first, mac.split(" ")[0], rest.length], ["ctrl+;", "cmd+;", 0]);
    assert.ok(![...TAKEN, ...TAKEN_TOO].includes(second ?? ""), key);
  }
});

test("every setting says what it does, where it may be set, and what each choice means", () => {
  for (const [name, { scope, enum: choices, enumDescriptions, ...said }] of Object.entries(settings)) {
    assert.ok((said.description ?? said.markdownDescription) && scope, name);
    assert.equal(enumDescriptions?.length, choices?.length, name);
  }
});

test("nothing is run before a workspace is trusted, and one without files on a disk is refused", () => {
  const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
  assert.deepEqual([untrustedWorkspaces.supported, virtualWorkspaces.supported], ["limited", false]);
  const everywhere = [...commands, ...(menus["commandPalette"] ?? [])];
  for (const name of ["fix", "runTests", "prepare", "mutate", "strengthen", "runDoctor"]) {
    const rows = everywhere.filter(({ command }) => command === `regreen.${name}`);
    assert.deepEqual(rows.map(({ enablement, when }) => /isWorkspaceTrusted/.test(enablement ?? when ?? "")), [true, true], name);
  }
});

test("a workspace can neither choose the server's interpreter nor weaken the walls", () => {
  assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, ["regreen.interpreter"]);
  for (const name of ["workbench", "sandbox", "network"]) {
    assert.equal(settings[`regreen.${name}`]?.scope, "machine", name);
  }
});

test("every picture of the walkthrough is there, uses the theme's colours and tells what it shows", () => {
  const steps = manifest.contributes.walkthroughs.flatMap(
    ({ steps }: { steps: { media: { svg: string; altText: string } }[] }) => steps,
  );
  assert.equal(steps.length, 5);
  for (const { media } of steps) {
    assert.ok(existsSync(media.svg) && media.altText, media.svg);
    const colours = readFileSync(media.svg, "utf8").match(/(?:fill|stroke)="(?!none|var\()[^"]*"/g);
    assert.equal(colours, null, media.svg);
  }
});

test("every link of the walkthrough leads to a command", () => {
  const text = JSON.stringify(manifest.contributes.walkthroughs);
  const linked = [...text.matchAll(/\(command:(regreen\.\w+)/g)].map(([, name]) => name ?? "");
  assert.ok(linked.length !== 0);
  assert.deepEqual(linked.filter((name) => !names.has(name)), []);
});
