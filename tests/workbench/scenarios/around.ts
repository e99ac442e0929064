// Around a repair: what is told of it, the log, the server's own life, questions and hints.
import type { Locator } from "playwright-core";
import { equal, eventually } from "../patience.ts";
import type { Ground, Scenario } from "../scenario.ts";
import type { Workbench } from "../workbench.ts";
import { cancelRepair, seeRed, seeRepaired } from "./repair.ts";
import { MEAN, PYTHON, REFUND, RIGHT, SCRIPT, SHIPPING } from "./workspaces.ts";

async function story(bench: Workbench, ground: Ground): Promise<void> {
  await seeRed(bench);
  ground.tell("the hover tells what is red, and leads to the line to blame");
  const red = await bench.hover(bench.line(PYTHON.definition), PYTHON.says);
  await bench.follow(red, "mean.py:2");
  await bench.page.locator('.tab.active[data-resource-name="mean.py"]').waitFor();
  await bench.page.locator('.statusbar-item:has-text("Ln 2,")').waitFor();
  ground.tell("the hover's link repairs it");
  await bench.follow(await bench.hover(bench.line(PYTHON.wrong), PYTHON.says), "Fix with agent");
  await seeRepaired(bench);

  ground.tell("the hover tells what was tried, with the difference, and leads to the report");
  await bench.openFile("test_mean.py");
  const hover = await bench.hover(bench.line(PYTHON.definition), "Attempt 1");
  await hover.locator("code, .monaco-tokenized-source", { hasText: RIGHT }).first().waitFor();
  await bench.follow(hover, "Show Report");
  const page = await bench.report("should be");
  ground.tell("the places of the page lead into the code");
  await page.locator("summary", { hasText: "calls led there" }).click();
  await page.locator('a[href*="openPlace"]:visible', { hasText: "test_mean.py" }).first().click();
  await bench.page.locator('.tab.active[data-resource-name="test_mean.py"]').waitFor();
}

async function reloaded(bench: Workbench): Promise<void> {
  await seeRed(bench);
  await bench.lens("Fix with agent").first().click();
  await bench.openFile("mean.py");
  await seeRepaired(bench);
  await bench.command("Regreen: Show Repair Report");
  await bench.report("should be");
  await bench.reload();
  await bench.page.locator(".tab", { hasText: "Repair 20" }).first().click();
  await bench.report("should be");
}

async function script(bench: Workbench, ground: Ground): Promise<void> {
  await seeRed(bench, SCRIPT);
  await bench.hover(bench.line(SCRIPT.definition), SCRIPT.says);
  await cancelRepair(bench, ground, SCRIPT);
  ground.tell("the light bulb by keyboard, and the preview");
  await bench.openFile(SCRIPT.code);
  await bench.goTo(SCRIPT.line);
  await bench.askMenu();
  await bench.choose("Fix with agent");
  await bench.applyPreview();
  await seeRepaired(bench, SCRIPT);
  ground.tell("hover and report tell of it");
  await bench.openFile(SCRIPT.test);
  const hover = await bench.hover(bench.line(SCRIPT.definition), "Attempt 1");
  await hover.locator("code, .monaco-tokenized-source", { hasText: SCRIPT.right }).first().waitFor();
  await bench.follow(hover, "Show Report");
  await bench.report("should be");
}

/** Ask for a repair that a person has to allow, and return the message that says so. */
export async function askForRefund(bench: Workbench): Promise<Locator> {
  await bench.openFile("test_refund.py");
  await bench.green();
  await bench.lens("Run test").first().click();
  await bench.says("1 red");
  await bench.lens("Fix with agent").first().click();
  const asked = bench.toast("This repair would touch payments");
  await asked.waitFor();
  return asked;
}

async function question(bench: Workbench, ground: Ground): Promise<void> {
  ground.tell("who pays is not decided without the person");
  const asked = await askForRefund(bench);
  ground.tell(await asked.innerText());
  equal(ground.read("payments/refund.py").includes("paid + fee"), true, "the file as it was");
  await asked.locator(".monaco-button", { hasText: "Go On for This Run" }).click();
  await bench.openFile("payments/refund.py");
  await bench.line("return paid - fee").waitFor();
  await bench.save();
  await bench.green();
}

/** Ask what the tests would not notice in a function, and return the hover of a hint. */
export async function findHints(bench: Workbench): Promise<Locator> {
  await bench.openFile("shipping.py");
  await bench.green();
  await bench.goTo(2);
  await bench.command("Regreen: Would the Tests Notice?");
  await bench.page.locator(".view-overlays .squiggly-hint").first().waitFor();
  return bench.hover(bench.line("if total < 50:"), "The tests would not notice this change");
}

async function hints(bench: Workbench, ground: Ground): Promise<void> {
  ground.tell("what no test notices is a hint on its line");
  await findHints(bench);
  ground.tell(await bench.toast(/notice/).innerText());
}

async function log(bench: Workbench, ground: Ground): Promise<void> {
  await seeRed(bench);
  const lines = bench.page.locator(".part.panel .view-line");
  ground.tell("the log is an output channel");
  await bench.command("Regreen: Show Log");
  await lines.filter({ hasText: /Server\sruns\son\sPython/ }).first().waitFor();
  ground.tell("with the messages, when its level is Trace");
  await bench.command("Developer: Set Log Level...", "Regreen");
  await bench.enter("Trace");
  await bench.openFile("mean.py");
  await lines.filter({ hasText: /\[trace\].*textDocument\// }).first().waitFor();

  ground.tell("the set-up is checked in a terminal");
  await bench.command("Regreen: Check the Set-up");
  await bench.page.locator(".terminal-wrapper .xterm-rows", { hasText: "isolation" }).first().waitFor();
}

async function server(bench: Workbench, ground: Ground): Promise<void> {
  await seeRed(bench);
  ground.tell("the status bar tells how repairs are kept apart");
  await bench.lens("Fix with agent").first().click();
  await bench.openFile("mean.py");
  await seeRepaired(bench);
  await bench.status().hover();
  await bench.page.locator(".monaco-hover:not(.hidden)", { hasText: "Repairs work in" }).first().waitFor();

  ground.tell("a server that dies is started again");
  const [first] = ground.running("launch.py serve").map((line) => Number.parseInt(line, 10));
  process.kill(first!, "SIGKILL");
  await eventually("another server", () => ground.running("launch.py serve").some((line) => Number.parseInt(line, 10) !== first));
  await bench.status().locator(".codicon-debug-disconnect").waitFor({ state: "hidden" });
  await bench.green();
  ground.tell("and when it is asked for");
  const [second] = ground.running("launch.py serve");
  await bench.command("Regreen: Restart Server");
  await eventually("a third server", () => ground.running("launch.py serve").some((line) => line !== second));
  await bench.status().locator(".codicon-debug-disconnect").waitFor({ state: "hidden" });
  await bench.green();
  await bench.openFile("test_mean.py");
  await bench.lens("Run test").first().waitFor();
}

async function indexing(bench: Workbench, ground: Ground): Promise<void> {
  await bench.openFile("m1.py"); // nothing of ours starts before there is something to do
  await bench.green();
  const said = await bench.record(".statusbar-item[id$='regreen.status']");
  await bench.command("Regreen: Restart Server");
  await eventually("an index that is told of", async () => (await said()).some((text) => /indexing \d+ of 1\d\d\d/.test(text)));
  ground.tell((await said()).join(" | "));
  await bench.green();
}

const MANY = Array.from({ length: 1500 }, (_, n) => `-- m${n}.py --\ndef f${n}(x):\n    return x + ${n}\n`).join("");

export const AROUND: readonly Scenario[] = [
  { name: "the hover repairs, tells and leads on; the report leads into the code", files: MEAN, short: true, play: story },
  { name: "the report comes back with the window", files: MEAN, play: reloaded },
  { name: "JavaScript is cancelled, previewed, applied and told of", files: SCRIPT.files, short: true, settings: { "regreen.preview": "always" }, play: script },
  { name: "a person is asked before a repair touches payments", files: REFUND, play: question },
  { name: "what the tests would not notice is a hint", files: SHIPPING, play: hints },
  { name: "log and set-up can be read", files: MEAN, settings: { "regreen.trace.server": "messages", "terminal.integrated.gpuAcceleration": "off" }, play: log },
  { name: "a server that ends is started again", files: MEAN, play: server },
  { name: "a large workspace tells that it is being indexed", files: MANY, play: indexing },
];
