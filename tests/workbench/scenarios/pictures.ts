// Draws the pictures of the documentation, in the dark and in the light.
import type { Locator } from "playwright-core";
import type { Ground, Scenario } from "../scenario.ts";
import type { Workbench } from "../workbench.ts";
import { seeRed, seeRepaired } from "./repair.ts";
import { MEAN, WRONG } from "./workspaces.ts";

const THEMES = { dark: "Default Dark Modern", light: "Default Light Modern" } as const;

/** Return the scenarios that draw the pictures into a folder. */
export function pictures(folder: string): readonly Scenario[] {
  return Object.entries(THEMES).map(([shade, theme]) => ({
    name: `the pictures in the ${shade}`,
    files: MEAN,
    settings: { "workbench.colorTheme": theme, "workbench.activityBar.location": "hidden", "editor.fontSize": 15 },
    play: (bench, ground) => draw(bench, ground, (name) => `${folder}/workbench-${name}-${shade}.png`),
  }));
}

async function draw(bench: Workbench, ground: Ground, place: (name: string) => string): Promise<void> {
  await seeRed(bench);
  await bench.command("View: Toggle Primary Side Bar Visibility");
  await bench.openFile("mean.py");
  await bench.squiggle().first().waitFor();
  await (await bench.problems()).filter({ hasText: "regreen" }).first().waitFor();
  await bench.openFile("mean.py");
  await bench.goTo(2);
  await bench.page.screenshot({ path: place("red") });
  ground.tell("the light bulb");
  await bench.press("Control+.");
  await bench.menu();
  await bench.page.screenshot({ path: place("light-bulb"), clip: await around(bench, bench.page.locator(".action-widget").first()) });
  await bench.press("Escape");
  ground.tell("the progress");
  await bench.hover(bench.line(WRONG), "name 'value' is not defined");
  await bench.page.screenshot({ path: place("hover"), clip: await around(bench, bench.page.locator(".monaco-hover:not(.hidden)").first()) });
  await bench.press("Control+.");
  await bench.choose("Fix with agent");
  await bench.toast("Attempt 1").waitFor();
  await bench.page.screenshot({ path: place("progress") });
  await seeRepaired(bench);
  await bench.page.screenshot({ path: place("green") });
  ground.tell("the report");
  await bench.command("View: Toggle Panel Visibility");
  await bench.command("Regreen: Show Repair Report");
  await bench.report("should be");
  await bench.page.screenshot({ path: place("report") });
}

/** Return the part of the page from the code's first line to the end of an element. */
async function around(bench: Workbench, element: Locator) {
  const code = (await bench.page.locator(".editor-group-container.active .view-lines").boundingBox())!;
  const box = (await element.boundingBox())!;
  const x = Math.max(0, code.x - 60);
  const y = code.y - 4;
  return { x, y, width: Math.max(560, box.x + box.width + 24 - x), height: box.y + box.height + 24 - y };
}
