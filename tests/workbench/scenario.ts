// One scenario: a workspace, an editor that nobody has used, and what a person does there.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { lay, read, write } from "./files.ts";
import { eventually } from "./patience.ts";
import { processesIn } from "./processes.ts";
import { type Preferences, type Rig, type Settings, startEditor } from "./rig.ts";
import { Workbench } from "./workbench.ts";

/** Where a person's own configuration lies below the home. */
export const CONFIGURATION = ".config/regreen/config.toml";

export interface Scenario extends Preferences {
  readonly name: string; // reads as a fact
  readonly files: string;
  readonly short?: boolean; // a part of the main road
  readonly home?: string; // files of the person's home
  readonly open?: string; // what is opened below the folder of the files: a folder or a file of a workspace
  play(bench: Workbench, ground: Ground): Promise<void>;
}

/** The ground that a scenario plays on: the files, and what runs. */
export class Ground {
  readonly root: string;
  readonly folder: string;
  readonly tell: (step: string) => void;
  readonly python: string; // the machine's
  readonly ownPython: string; // the environment's

  constructor(rig: Rig, folder: string, tell: (step: string) => void) {
    this.folder = folder;
    this.tell = tell;
    this.root = join(folder, "workspace");
    this.python = rig.python;
    this.ownPython = join(rig.environment, "bin", "python");
  }

  read(path: string): string {
    return read(join(this.root, path));
  }

  write(path: string, text: string): void {
    write(join(this.root, path), text);
  }

  /** Change the person's own configuration. */
  configure(text: string): void {
    write(join(this.folder, "home", CONFIGURATION), text);
  }

  /** List the files of the scenario that have some words in them: workspace, home, state, logs. */
  mentioning(words: string): string[] {
    const found = spawnSync("grep", ["-rlF", "--binary-files=text", words, this.folder], { encoding: "utf8" });
    return found.stdout.split("\n").filter((path) => path !== "");
  }

  /** Change the settings of the machine while the editor runs. */
  prefer(settings: Settings): void {
    write(join(this.folder, "editor", "Machine", "settings.json"), JSON.stringify(settings));
  }

  /** List what runs of this scenario whose command line has a word in it. */
  running(word: string): string[] {
    return processesIn(this.folder).filter((line) => line.includes(word));
  }

  /** Wait until nothing runs any more whose command line has a word in it. */
  async ended(word: string): Promise<void> {
    await eventually(`the end of what is called ${word}`, () => this.running(word).length === 0);
  }
}

/** Play a scenario; what is found when it fails is kept in its folder. */
export async function play(rig: Rig, browser: Browser, scenario: Scenario, folder: string, tell: (step: string) => void) {
  const ground = new Ground(rig, folder, tell);
  mkdirSync(ground.root, { recursive: true });
  lay(ground.root, scenario.files);
  lay(join(folder, "home"), scenario.home ?? "");
  const editor = await startEditor(rig, folder, scenario);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  const strangers: string[] = [];
  page.on("request", (request) => {
    if (/^(https?|wss?):/.test(request.url()) && new URL(request.url()).host !== new URL(editor.address).host) {
      strangers.push(request.url());
    }
  });
  try {
    const target = join(ground.root, scenario.open ?? "");
    const kind = target.endsWith(".code-workspace") ? "workspace" : "folder";
    await page.goto(`${editor.address}/?${kind}=${encodeURIComponent(target)}`, { waitUntil: "commit", timeout: 120_000 });
    const bench = new Workbench(page);
    await bench.ready();
    await page.addStyleTag({ content: "* { animation: none !important; }" }); // drawn without a graphics card
    await scenario.play(bench, ground);
    if (strangers.length !== 0) {
      throw new Error(`The browser asked others than the editor: ${strangers.join(", ")}`);
    }
  } catch (error) {
    await keepEvidence(page, folder);
    throw error;
  } finally {
    await context.close();
    await editor.stop();
  }
  await eventually("the end of everything that the scenario started", () => processesIn(folder).length === 0).catch(() => {
    throw new Error(`These still run:\n${processesIn(folder).join("\n")}`);
  });
}

async function keepEvidence(page: Page, folder: string): Promise<void> {
  try {
    await page.screenshot({ path: join(folder, "screen.png") });
    writeFileSync(join(folder, "screen.txt"), await page.locator("body").innerText({ timeout: 5_000 }));
    writeFileSync(join(folder, "screen.html"), await page.content());
  } catch (error) {
    writeFileSync(join(folder, "screen.txt"), `The page could not be read: ${String(error)}`);
  }
}
