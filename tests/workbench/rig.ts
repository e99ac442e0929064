// The editor: VS Code's server with the extension in it, and the browser that shows its workbench.
import { createRequire } from "node:module";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Browser, chromium } from "playwright-core";
import { read, write } from "./files.ts";
import { eventually } from "./patience.ts";
import { end, start } from "./processes.ts";

/** Where things lie: from scripts/editor-rig. */
export interface Rig {
  readonly modules: string; // the rig's node_modules
  readonly node: string;
  readonly python: string; // runs the language server: it has none of its libraries
  readonly environment: string; // a virtual environment with the test runners
  readonly vsix: readonly string[];
  readonly folder: string; // of this run
}

export type Settings = Readonly<Record<string, unknown>>;

/** How a person has set the editor up. */
export interface Preferences {
  readonly settings?: Settings; // of the person
  readonly machine?: Settings; // of the machine that the language server runs on
  readonly untrusted?: boolean; // the editor asks for trust
}

/** A running editor. */
export interface Editor {
  readonly address: string;
  readonly log: string;
  stop(): Promise<void>;
}

const QUIET: Settings = {
  "workbench.startupEditor": "none",
  "workbench.editor.useModal": "off", // settings open as a page, not as a box
  "workbench.quickOpen.closeOnFocusLost": false,
  "workbench.tips.enabled": false,
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.reduceMotion": "on",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "window.commandCenter": false,
  "editor.stickyScroll.enabled": false, // it covers lines
  "editor.minimap.enabled": false,
  "editor.cursorBlinking": "solid",
  "editor.hover.delay": 100,
  "files.hotExit": "off", // nothing of one scenario comes back in the next
  "files.autoSave": "off",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "chat.disableAIFeatures": true,
  "git.enabled": false,
  "npm.autoDetect": "off",
  "typescript.disableAutomaticTypeAcquisition": true,
  "security.workspace.trust.banner": "always",
};
const FLAGS = [
  ...["--auth", "none", "--bind-addr", "127.0.0.1:0", "--disable-telemetry", "--disable-update-check"],
  ...["--disable-getting-started-override", "--disable-proxy", "--reconnection-grace-time", "5"],
];

/** Install the extension into a fresh folder of extensions, without a network. */
export function install(rig: Rig): string {
  const extensions = join(rig.folder, "extensions");
  const folders = ["--user-data-dir", join(rig.folder, "install"), "--extensions-dir", extensions];
  const files = rig.vsix.flatMap((file) => ["--install-extension", file]);
  const command = [program(rig), ...folders, ...files, "--force"];
  execFileSync(rig.node, command, { env: environment(rig, join(rig.folder, "install")), timeout: 120_000, stdio: "pipe" });
  return extensions;
}

/** Start an editor that nobody has used before. */
export async function startEditor(rig: Rig, folder: string, preferences: Preferences): Promise<Editor> {
  const home = join(folder, "editor");
  const log = join(folder, "editor.log");
  write(join(home, "User", "settings.json"), JSON.stringify({ ...QUIET, ...preferences.settings }));
  // Settings of the machine are taken from here alone: those among the person's settings come and go.
  const machine = { "regreen.interpreter": rig.python, "python.defaultInterpreterPath": rig.python, ...preferences.machine };
  write(join(home, "Machine", "settings.json"), JSON.stringify(machine));
  mkdirSync(join(folder, "home"), { recursive: true });
  const output = openSync(log, "a");
  const folders = ["--user-data-dir", home, "--extensions-dir", join(rig.folder, "extensions")];
  const trust = preferences.untrusted !== true ? ["--disable-workspace-trust"] : [];
  const child = start(rig.node, [program(rig), ...FLAGS, ...folders, ...trust], {
    env: environment(rig, folder),
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  const stop = () => end(child);
  try {
    const address = await eventually("the editor's address", () => {
      if (child.exitCode !== null) {
        throw new Error(`The editor ended with ${child.exitCode}: ${read(log)}`);
      }
      return /listening on (http:\S+?)\/?\s/.exec(read(log))?.[1];
    });
    return { address, log, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Start the browser. */
export async function startBrowser(rig: Rig): Promise<Browser> {
  const driver = createRequire(join(rig.modules, "any.js"))("playwright-core") as { chromium: typeof chromium };
  return driver.chromium.launch({
    executablePath: execFileSync("which", ["chromium"], { encoding: "utf8" }).trim(),
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", ...SILENT, "--font-render-hinting=none"],
    handleSIGINT: false, // ours to handle: see main.ts
  });
}

const SILENT = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];

function program(rig: Rig): string {
  return join(rig.modules, "code-server", "out", "node", "entry.js");
}

/** What a person's shell would have: an active environment, a home, and nothing of the repository. */
function environment(rig: Rig, folder: string): NodeJS.ProcessEnv {
  const kept = ["GOCACHE", "GOPATH", "GOFLAGS", "TMPDIR"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    PATH: `${join(rig.environment, "bin")}:${process.env["PATH"] ?? "/usr/bin:/bin"}`,
    VIRTUAL_ENV: rig.environment,
    HOME: join(folder, "home"),
    LANG: "C.UTF-8",
    REGREEN_STATE_DIR: join(folder, "state"),
    EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: "", itemUrl: "" }),
  };
}
