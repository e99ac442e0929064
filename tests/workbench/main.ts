// Plays the scenarios, a few at once, and says what it did: see scripts/editor-rig.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Browser } from "playwright-core";
import { killAll, processesIn } from "./processes.ts";
import { install, type Rig, startBrowser } from "./rig.ts";
import { play, type Scenario } from "./scenario.ts";
import { AROUND } from "./scenarios/around.ts";
import { CHOICES } from "./scenarios/choices.ts";
import { pictures } from "./scenarios/pictures.ts";
import { REPAIR } from "./scenarios/repair.ts";
import { VIEWS } from "./scenarios/views.ts";

const SCENARIOS: readonly Scenario[] = [...REPAIR, ...AROUND, ...CHOICES, ...VIEWS];

const PICTURES = join(import.meta.dirname, "..", "..", "docs", "images");

/** When more than these fail, it is no busy machine's fault. */
const MOST_AGAIN = 2;

const { values } = parseArgs({
  options: {
    rig: { type: "string" },
    python: { type: "string" },
    environment: { type: "string" },
    vsix: { type: "string", multiple: true },
    only: { type: "string", default: "" },
    jobs: { type: "string", default: "2" },
    keep: { type: "boolean", default: false },
    pictures: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
    again: { type: "boolean", default: false },
    steps: { type: "boolean", default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const scenarios = values.pictures ? pictures(PICTURES) : SCENARIOS;
  const chosen = scenarios.filter(({ name, short }) => new RegExp(values.only).test(name) && (short || !values.short));
  const folder = mkdtempSync(join(tmpdir(), "regreen-workbench-"));
  for (const [name, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    process.on(name, () => interrupted(folder, status));
  }
  const rig: Rig = {
    modules: join(values.rig!, "node_modules"),
    node: process.execPath,
    python: values.python!,
    environment: values.environment!,
    vsix: values.vsix!,
    folder,
  };
  await timed("install the extension", async () => void install(rig));
  const browser = await timed("start the browser", () => startBrowser(rig));
  let atFirst: readonly Scenario[];
  let failed: readonly Scenario[];
  try {
    failed = atFirst = await playAll(rig, browser, chosen, "", Number(values.jobs));
    if (values.again && atFirst.length !== 0 && atFirst.length <= MOST_AGAIN) {
      console.log("  What failed is played once more, one after the other:");
      failed = await playAll(rig, browser, atFirst, "again-", 1);
    }
  } finally {
    await browser.close();
  }
  console.log(`${chosen.length - failed.length} of ${chosen.length} scenarios hold.`);
  if (atFirst.length === 0 && !values.keep) {
    rmSync(folder, { recursive: true, force: true });
  }
  return failed.length === 0 && chosen.length !== 0 ? 0 : 1;
}

/** Play scenarios, a few at once, each in a place of its own in the rig's folder. Return those that failed. */
async function playAll(
  rig: Rig, browser: Browser, scenarios: readonly Scenario[], prefix: string, jobs: number,
): Promise<readonly Scenario[]> {
  const failed: Scenario[] = [];
  const waiting = scenarios.entries();
  const worker = async () => {
    for (const [n, scenario] of waiting) {
      const number = prefix + String(n + 1).padStart(2, "0"); // no place's name begins with another's
      const place = join(rig.folder, number);
      mkdirSync(place);
      const tell = (step: string) => values.steps && console.log(`        ${number}  ${step.replaceAll("\n", " | ")}`);
      await timed(scenario.name, () => play(rig, browser, scenario, place, tell)).catch((error: unknown) => {
        failed.push(scenario);
        console.log(`    ${String(error).replaceAll("\n", "\n    ")}\n    kept: ${place}`);
      });
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return failed;
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  const seconds = () => `${((performance.now() - begin) / 1000).toFixed(1)} s`;
  try {
    const result = await work();
    console.log(`  ok    ${what}, ${seconds()}`);
    return result;
  } catch (error) {
    console.log(`  FAIL  ${what}, ${seconds()}`);
    throw error;
  }
}

/** End everything that was started, the children of children too, and go. */
function interrupted(folder: string, status: number): never {
  killAll();
  for (const line of processesIn(folder)) {
    process.kill(Number.parseInt(line, 10), "SIGKILL");
  }
  process.exit(status);
}
