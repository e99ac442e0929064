// Draws the pictures of the documentation.
import type { Locator } from "playwright-core";
import type { Settings } from "../rig.ts";
import type { Ground, Scenario } from "../scenario.ts";
import type { Workbench } from "../workbench.ts";
import { seeRed, seeRepaired } from "./repair.ts";
import { seeMessage } from "./views.ts";
import { askForRefund, findHints } from "./around.ts";
import { MEAN, PYTHON, REFUND, SHIPPING, TITLE, WRONG } from "./workspaces.ts";

const DARK = "Default Dark Modern";
const LIGHT = "Default Light Modern";

// Nothing is shown that a person's own editor would show otherwise.
const PLAIN: Settings = {
  "workbench.activityBar.location": "hidden",
  "workbench.layoutControl.enabled": false,
  "remote.autoForwardPorts": false,
  "window.title": "${activeEditorShort}",
  "editor.fontSize": 15,
};
const OF_THE_RIG = '[id="status.host"], [id="status.forwardedPorts"], [id="status.workbench.keyboardLayout"]';

type Draw = (bench: Workbench, ground: Ground, place: (name: string) => string) => Promise<void>;

/** Return the scenarios that draw the pictures into a folder. */
export function pictures(folder: string): readonly Scenario[] {
  const place = (shade: string) => (name: string) => `${folder}/workbench-${name}-${shade}.png`;
  const scene = (name: string, files: string, theme: string, draw: Draw, more: Settings = {}): Scenario => ({
    name,
    files,
    settings: { ...PLAIN, "workbench.colorTheme": theme, ...more },
    play: async (bench, ground) => {
      await bench.page.setViewportSize({ width: 1000, height: 560 });
      await bench.page.addStyleTag({ content: `${OF_THE_RIG} { display: none !important; }` });
      await draw(bench, ground, place(theme === DARK ? "dark" : "light"));
    },
  });
  return [
    scene("the way from red to green", MEAN, DARK, road),
    scene("the same by day", MEAN, LIGHT, day),
    scene("the Testing view", TITLE, DARK, testing, { "regreen.testExplorer": "on" }),
    scene("a question", REFUND, DARK, question),
    scene("a hint about the tests", SHIPPING, DARK, hints),
  ];
}

async function road(bench: Workbench, ground: Ground, place: (name: string) => string): Promise<void> {
  await seeProblem(bench);
  await bench.page.screenshot({ path: place("red") });
  ground.tell("the light bulb");
  await bench.askMenu();
  await bench.page.screenshot({ path: place("light-bulb"), clip: await around(bench, bench.page.locator(".action-widget").first()) });
  await bench.press("Escape");
  ground.tell("the progress");
  const hover = await bench.hover(bench.line(WRONG), "name 'value' is not defined");
  await bench.page.screenshot({ path: place("hover"), clip: await around(bench, hover) });
  await bench.askMenu();
  await bench.choose("Fix with agent");
  await bench.toast("Attempt 1").waitFor();
  await bench.page.screenshot({ path: place("progress") });
  await seeRepaired(bench);
  await bench.page.screenshot({ path: place("green") });
  ground.tell("what was tried");
  await bench.command("Notifications: Clear All Notifications");
  await bench.command("View: Toggle Panel Visibility");
  await bench.openFile("test_mean.py");
  const attempts = await bench.hover(bench.line(PYTHON.definition), "Attempt 1");
  await bench.page.screenshot({ path: place("attempts"), clip: await around(bench, attempts) });
  await report(bench, place("report"));
}

async function day(bench: Workbench, _ground: Ground, place: (name: string) => string): Promise<void> {
  await seeProblem(bench);
  await bench.askMenu();
  await bench.choose("Fix with agent");
  await seeRepaired(bench);
  await bench.command("View: Toggle Panel Visibility");
  await report(bench, place("report"));
}

async function testing(bench: Workbench, _ground: Ground, place: (name: string) => string): Promise<void> {
  await seeMessage(bench);
  await bench.command("Testing: Focus on Test Explorer View");
  await bench.test("test_title.py").waitFor();
  await bench.page.screenshot({ path: place("testing") });
}

async function question(bench: Workbench, _ground: Ground, place: (name: string) => string): Promise<void> {
  await hideSideBar(bench);
  await askForRefund(bench);
  await bench.openFile("payments/refund.py");
  await bench.page.screenshot({ path: place("question") });
}

async function hints(bench: Workbench, _ground: Ground, place: (name: string) => string): Promise<void> {
  await hideSideBar(bench);
  const hover = await findHints(bench);
  await bench.page.screenshot({ path: place("hint"), clip: await around(bench, hover) });
}

async function seeProblem(bench: Workbench): Promise<void> {
  await seeRed(bench);
  await hideSideBar(bench);
  await bench.openFile("mean.py");
  await bench.squiggle().first().waitFor();
  await (await bench.problems()).filter({ hasText: "regreen" }).first().waitFor();
  await bench.openFile("mean.py");
  await bench.goTo(2);
}

async function hideSideBar(bench: Workbench): Promise<void> {
  await bench.command("View: Toggle Primary Side Bar Visibility");
}

async function report(bench: Workbench, path: string): Promise<void> {
  await bench.command("Notifications: Clear All Notifications");
  await bench.command("View: Close All Editors");
  await bench.page.locator(".tab").first().waitFor({ state: "hidden" });
  await bench.command("Regreen: Show Repair Report");
  await bench.report("should be");
  await bench.page.setViewportSize({ width: 900, height: 1380 });
  await bench.report("should be");
  await bench.page.screenshot({ path });
}

/** Return the part of the page from the code's first line to the end of an element. */
async function around(bench: Workbench, element: Locator) {
  const code = (await bench.page.locator(".editor-group-container.active .view-lines").boundingBox())!;
  const box = (await element.boundingBox())!;
  const x = Math.max(0, code.x - 60);
  const y = code.y - 4;
  return { x, y, width: Math.max(560, box.x + box.width + 24 - x), height: box.y + box.height + 24 - y };
}
