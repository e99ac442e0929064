// The editor's own views, with us in them: the Testing view, the preview of an edit, the walkthrough, the menus.
import { startModel } from "../model.ts";
import { equal, eventually } from "../patience.ts";
import type { Ground, Scenario } from "../scenario.ts";
import type { Workbench } from "../workbench.ts";
import { seeRed, seeRepaired } from "./repair.ts";
import { MEAN, PROVIDER, providerAt, RIGHT, SLOW, TITLE, WRONG } from "./workspaces.ts";

/** Run all tests of the Testing view, once a file of ours is in it: before, the command would be about others' tests alone. */
async function runAll(bench: Workbench, file: string): Promise<void> {
  await bench.openFile(file);
  await bench.green();
  await bench.command("Testing: Focus on Test Explorer View");
  await bench.test(file).waitFor();
  await bench.command("Test: Run All Tests");
  await bench.says("1 red");
}

/** Show the tests of the file in the Testing view. */
async function unfold(bench: Workbench): Promise<void> {
  await bench.test("test_mean.py").click();
  await bench.press("ArrowRight");
  await bench.test("test_double").waitFor();
}

async function testing(bench: Workbench, ground: Ground): Promise<void> {
  await runAll(bench, "test_mean.py");
  await unfold(bench);
  const red = bench.test("test_the_mean_lies_between");
  await red.locator(".codicon-testing-failed-icon").waitFor();
  ground.tell("each tells how long it took, and leads to its place");
  await bench.page.locator('.test-explorer .monaco-list-row[aria-label*="test_double"][aria-label*=" in "]').first().waitFor();
  await bench.test("test_double").dblclick();
  await bench.page.locator('.statusbar-item:has-text("Ln 8,")').waitFor();

  ground.tell("its menu repairs a red test");
  await bench.chooseFromMenu(red, "Fix with Agent");
  await bench.openFile("mean.py");
  await seeRepaired(bench);
}

async function cancelRun(bench: Workbench, ground: Ground): Promise<void> {
  await runAll(bench, "test_mean.py");
  await unfold(bench);
  ground.write("seconds.txt", "300");
  ground.tell("a run that takes long is cancelled there, and nothing goes on");
  await bench.chooseFromMenu(bench.test("test_mean.py"), "Run Test");
  await eventually("a test that runs", () => ground.running("pytest").length !== 0);
  await bench.command("Test: Cancel Test Run");
  await ground.ended("pytest");
  await bench.page.locator(".test-explorer .codicon-testing-loading-icon").first().waitFor({ state: "hidden" });
  ground.tell("it works again afterwards");
  ground.write("seconds.txt", "0");
  ground.write("mean.py", ground.read("mean.py").replace("number * 2", "number * 3"));
  await bench.chooseFromMenu(bench.test("test_double"), "Run Test");
  await bench.says("2 red");
}

/** Show what a red test says, in the view of results. */
export async function seeMessage(bench: Workbench): Promise<void> {
  await runAll(bench, "test_title.py");
  await bench.command("Test Results: Focus on Test Results View");
  const message = bench.page.locator(".test-output-peek-tree .monaco-list-row", { hasText: "assert" }).first();
  await message.click();
  await bench.page.locator(".part.panel .view-line", { hasText: /A\sB/ }).first().waitFor();
}

async function message(bench: Workbench, ground: Ground): Promise<void> {
  await seeMessage(bench);
  ground.tell("what was expected stands beside what came out");
  const panel = bench.page.locator(".part.panel");
  await panel.locator(".view-line", { hasText: /a\sb/ }).first().waitFor();

  ground.tell("the stack leads to the code");
  await panel.locator(".view-line", { hasText: /def\stest_a_title/ }).first().waitFor();
  await panel.locator(".codicon-go-to-file").first().click();
  await bench.page.locator('.statusbar-item:has-text("Ln 5,")').waitFor();
}

async function otherExplorer(bench: Workbench, ground: Ground): Promise<void> {
  await bench.openFile("test_mean.py");
  await bench.green();
  await bench.command("Testing: Focus on Test Explorer View");
  const theirs = bench.test("other test_the_mean_lies_between");
  await theirs.waitFor();
  ground.tell("where another extension shows the tests, ours are not shown a second time");
  equal(await bench.test("test_mean.py").count(), 0, "the number of our nodes");
  ground.tell("a test of another extension is repaired by its place");
  await bench.chooseFromMenu(theirs, "Fix with Agent");
  await bench.openFile("mean.py");
  await bench.line(RIGHT).waitFor();
  await bench.press("Control+z");
  await bench.line(WRONG).waitFor();
  await bench.save();

  ground.tell("so is a message of its results");
  await bench.command("Test: Run All Tests");
  await bench.command("Test Results: Focus on Test Results View");
  const message = bench.page.locator(".test-output-peek-tree .monaco-list-row", { hasText: "as the other extension tells it" }).first();
  await bench.chooseFromMenu(message, "Fix with Agent");
  await bench.openFile("mean.py");
  await bench.line(RIGHT).waitFor();
}

async function preview(bench: Workbench, ground: Ground): Promise<void> {
  await seeRed(bench);
  await bench.lens("Fix with agent").first().click();
  await bench.page.locator(".panel .monaco-button", { hasText: /^Apply$/ }).first().waitFor();
  await bench.openFile("mean.py");
  await bench.line(WRONG).waitFor();
  ground.tell("nothing is edited before Apply");
  equal(ground.read("mean.py").includes(RIGHT), false, "the fix on the disk");
  await bench.applyPreview();
  await seeRepaired(bench);
}

async function walkthrough(bench: Workbench): Promise<void> {
  await bench.command("View: Toggle Primary Side Bar Visibility"); // where there is no room, there are no pictures
  await bench.openFile("test_mean.py");
  await bench.command("Welcome: Open Walkthrough...", "Repair a red test");
  const page = bench.page.locator(".gettingStartedContainer");
  await page.locator(".step-title", { hasText: "See what is red" }).first().waitFor();
  await bench.webview().locator("svg").first().waitFor();
}

async function menus(bench: Workbench, ground: Ground): Promise<void> {
  await seeRed(bench);
  ground.tell("the status bar offers what can be done now");
  await bench.status().click();
  const rows = bench.page.locator(".quick-input-list .monaco-list-row .label-name");
  await rows.filter({ hasText: "Fix the first red test" }).first().waitFor();
  ground.tell((await rows.allInnerTexts()).join(" | "));
  await bench.press("Escape");

  ground.tell("no command is about API keys while no provider takes one");
  const offered = await bench.offered("Regreen:");
  equal(offered.some((title) => title.includes("API Key")), false, "a command for API keys");

  ground.tell("the editor's own menu repairs a red file");
  await bench.openFile("mean.py");
  await bench.squiggle().first().waitFor();
  await bench.chooseFromMenu(bench.line(WRONG), "Fix with Agent");
  await seeRepaired(bench);
}

/** Open the extension's page, as a person does who has just installed it. */
async function page(bench: Workbench): Promise<void> {
  await bench.command("Extensions: Show Installed Extensions");
  await bench.page.locator(".extensions-list .monaco-list-row .name", { hasText: "Regreen" }).first().click();
  await bench.webview().locator("h1", { hasText: "Regreen for VS Code" }).waitFor();
  equal(await bench.webview().locator("img").count(), 0, "the number of pictures that would come from elsewhere");
}

const KEY = "a-key-that-nobody-may-see";

async function keys(bench: Workbench, ground: Ground): Promise<void> {
  const edit = { path: "mean.py", search: WRONG, replace: RIGHT };
  const model = await startModel({ hypothesis: "The name is misspelt.", edits: [edit], notes: [] });
  try {
    ground.configure(providerAt(model.url));
    await seeRed(bench);
    ground.tell("the key of a provider is asked for in a field that shows none of it");
    await bench.command("Regreen: Set API Key...", "mine");
    const field = bench.page.locator('.quick-input-widget:visible input[type="password"]');
    await field.waitFor();
    await field.fill(KEY);
    await bench.press("Enter");
    await bench.page.locator(".quick-input-widget").waitFor({ state: "hidden" });

    ground.tell("a repair shows it to the provider, and it is written nowhere");
    await bench.lens("Fix with agent").first().click();
    await bench.openFile("mean.py");
    await seeRepaired(bench);
    equal(model.keys.join(), `Bearer ${KEY}`, "what the provider was shown");
    equal(ground.mentioning(KEY).join(), "", "the files with the key");

    ground.tell("it can be removed again");
    await bench.press("Control+z");
    await bench.line(WRONG).waitFor();
    await bench.save();
    await bench.says("1 red");
    await bench.command("Regreen: Remove API Key...", "mine");
    await bench.goTo(2);
    await bench.press("Control+;", "g");
    const said = bench.toast("Set API Key");
    await said.waitFor();
    ground.tell(await said.innerText());
    equal(model.keys.length, 1, "how often the provider was asked");
  } finally {
    model.stop();
  }
}

const SHOWN = { "regreen.testExplorer": "on" };

export const VIEWS: readonly Scenario[] = [
  { name: "the Testing view runs and repairs tests", files: MEAN, settings: SHOWN, play: testing },
  { name: "the Testing view compares what was expected with what came out", files: TITLE, short: true, settings: SHOWN, play: message },
  { name: "a run of the Testing view is cancelled there", files: SLOW, settings: SHOWN, play: cancelRun },
  { name: "a test of another extension is repaired from its menu and its message's", files: MEAN, settings: { "regreen.testExplorer": "auto" }, play: otherExplorer },
  { name: "a fix waits in the preview when that is wanted", files: MEAN, settings: { "regreen.preview": "always" }, play: preview },
  { name: "the walkthrough opens with its pictures", files: MEAN, play: walkthrough },
  { name: "the menus offer what can be done", files: MEAN, play: menus },
  { name: "the extension's page is whole without a network", files: MEAN, play: page },
  { name: "an API key is set, shown to its provider alone, and removed", files: MEAN, home: PROVIDER, machine: { "regreen.provider": "mine" }, play: keys },
];
