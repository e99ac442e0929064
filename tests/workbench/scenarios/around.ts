// Around a repair: what is told of it, trust, settings, folders.
import { equal, eventually } from "../patience.ts";
import type { Ground, Scenario } from "../scenario.ts";
import type { Workbench } from "../workbench.ts";
import { seeRed, seeRepaired } from "./repair.ts";
import { MEAN, RIGHT, WRONG } from "./workspaces.ts";

async function story(bench: Workbench, ground: Ground): Promise<void> {
  await seeRed(bench);
  ground.tell("the hover tells what is red, before and after the repair");
  await bench.hover(bench.line("def test_the_mean_lies_between():"), "name 'value' is not defined");
  await bench.lens("Fix with agent").first().click();
  await bench.openFile("mean.py");
  await seeRepaired(bench);
  await bench.openFile("test_mean.py");
  const hover = await bench.hover(bench.line("def test_the_mean_lies_between():"), "Attempt 1");
  await hover.locator("code", { hasText: RIGHT }).first().waitFor();

  ground.tell("the report is a page beside the code");
  await bench.command("Regreen: Show Repair Report");
  await bench.report("should be");

  ground.tell("the log is an output channel");
  await bench.command("Regreen: Show Log");
  await bench.page.locator(".output-view-container .view-line, .panel .view-line", { hasText: /Server\sruns\son/ }).first().waitFor();
}

async function report(bench: Workbench, ground: Ground): Promise<void> {
  await seeRed(bench);
  await bench.lens("Fix with agent").first().click();
  await bench.openFile("mean.py");
  await seeRepaired(bench);
  ground.tell("the places of the page lead into the code");
  await bench.command("Regreen: Show Repair Report");
  const page = await bench.report("should be");
  await page.locator("summary", { hasText: "calls led there" }).click();
  await page.locator('a[href*="openPlace"]:visible', { hasText: "test_mean.py" }).first().click();
  await bench.page.locator('.tab.active[data-resource-name="test_mean.py"]').waitFor();

  ground.tell("the page comes back with the window");
  await bench.page.reload({ waitUntil: "commit" });
  await bench.ready();
  await bench.page.locator(".tab", { hasText: "Repair 20" }).first().click();
  await bench.report("should be");
}

async function trust(bench: Workbench, ground: Ground): Promise<void> {
  await bench.openFile("test_mean.py");
  await bench.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
  await bench.status().waitFor();
  ground.tell("nothing of the workspace is run, and no command offers to");
  const offered = await bench.offered("Regreen:");
  for (const title of ["Regreen: Run Tests", "Regreen: Fix with Agent"]) {
    equal(offered.includes(title), false, `${title} in the palette`);
  }
  await bench.openFile("mean.py");
  await bench.clickAt(bench.line(WRONG));
  await bench.press("End", "Space", "Backspace");
  await bench.save();
  equal(ground.running("pytest").length, 0, "the number of tests that run");
  equal(await bench.squiggle().count(), 0, "the number of squiggles");

  ground.tell("trust is granted, and it works");
  await bench.command("Workspaces: Manage Workspace Trust");
  await bench.page.locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ }).first().click();
  await bench.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor({ state: "hidden" });
  await bench.openFile("test_mean.py");
  await bench.lens("Run test").first().waitFor();
  await bench.green();
  await eventually("a run of tests that is allowed", async () => {
    await bench.lens("Run test").first().click();
    return bench.page.locator('.statusbar-item[id$="regreen.status"]', { hasText: "1 red" }).waitFor({ timeout: 20_000 }).then(() => true, () => false);
  });
}

async function settings(bench: Workbench, ground: Ground): Promise<void> {
  await bench.openFile("test_mean.py");
  await bench.lens("Run test").first().waitFor();
  await bench.command("Preferences: Open Settings (UI)");
  const search = bench.page.locator(".settings-editor .suggest-input-container .view-line, .settings-editor .search-container");
  await search.first().click();
  await bench.type("regreen code lens");
  const box = bench.page.locator('.settings-editor [data-key="regreen.codeLens"], .setting-item-contents', { hasText: "Code Lens" }).filter({ hasText: "Regreen" }).first();
  await box.waitFor();
  ground.tell(await box.innerText());
  await box.locator(".setting-value-checkbox").click();
  await bench.openFile("test_mean.py");
  await bench.lens("Run test").first().waitFor({ state: "hidden" });
}

async function twoFolders(bench: Workbench): Promise<void> {
  await bench.openFile("one/test_mean.py");
  await bench.green();
  await bench.lens("Run test").first().click();
  await bench.says("1 red");
  await bench.openFile("two/other.py");
  await bench.openFile("two/test_other.py");
  await bench.lens("Run test").first().click();
  await bench.says("2 red");
  equal(await (await bench.problems()).filter({ hasText: "regreen" }).count(), 2, "the number of problems");
}

async function noPython(bench: Workbench): Promise<void> {
  await bench.openFile("test_mean.py");
  const toast = bench.toast("Regreen needs Python 3.11 or newer");
  await toast.waitFor();
  await toast.locator(".monaco-button", { hasText: "Choose Interpreter" }).click();
  await bench.page.locator(".settings-editor .setting-item-contents", { hasText: "Interpreter" }).first().waitFor();
}

const one = MEAN.replace(/^-- /gm, "-- one/");
const two = one.replaceAll("one/", "two/").replaceAll("mean.py", "other.py").replaceAll("from mean", "from other");
const FOLDERS = `-- both.code-workspace --
{ "folders": [{ "path": "one" }, { "path": "two" }] }
${one}${two}`;

export const AROUND: readonly Scenario[] = [
  { name: "the lens repairs; hover, report and log tell of it", files: MEAN, play: story },
  { name: "the report leads into the code and comes back with the window", files: MEAN, play: report },
  { name: "nothing is run before the workspace is trusted", files: MEAN, untrusted: true, play: trust },
  { name: "a changed setting takes effect", files: MEAN, play: settings },
  { name: "two folders are kept apart", files: FOLDERS, open: "both.code-workspace", play: twoFolders },
  { name: "without a fitting Python a button leads to the setting", files: MEAN, machine: { "regreen.interpreter": "/nowhere/python" }, play: noPython },
];
