// From the squiggle to the undo: by mouse, by keyboard, from the lens, from a hover, in two languages.
import { equal, eventually } from "../patience.ts";
import type { Ground, Scenario } from "../scenario.ts";
import type { Workbench } from "../workbench.ts";
import { MEAN, type Project, PYTHON, RIGHT, SCRIPT, SLOW, WRONG } from "./workspaces.ts";

/** Open the project and run its first test from the lens: it is red. */
export async function seeRed(bench: Workbench, { test }: Project = PYTHON): Promise<void> {
  await bench.openFile(test);
  await bench.green();
  await bench.lens("Run test").first().click();
  await bench.says("1 red");
  await bench.lens("Fix with agent").first().waitFor();
}

/** Wait until the fix is in the active buffer, and save it: the test is green. */
export async function seeRepaired(bench: Workbench, { right }: Project = PYTHON): Promise<void> {
  await bench.line(right).waitFor();
  await bench.save();
  await bench.green();
  await bench.squiggle().first().waitFor({ state: "hidden" });
}

/** Begin a repair whose test takes long, and cancel it in the message that follows it. */
export async function cancelRepair(bench: Workbench, ground: Ground, { code, wrong, runner }: Project): Promise<void> {
  ground.tell("a repair that is cancelled changes nothing, and nothing goes on");
  ground.write("seconds.txt", "300");
  await bench.lens("Fix with agent").first().click();
  const toast = bench.toast("Regreen");
  await toast.waitFor();
  await eventually("a test that runs", () => ground.running(runner).length !== 0);
  ground.tell(await toast.innerText());
  await toast.locator(".monaco-button", { hasText: "Cancel" }).click();
  await bench.says("1 red");
  await toast.waitFor({ state: "hidden" });
  await ground.ended(runner);
  equal(ground.read(code).includes(wrong), true, "the file as it was");
  ground.write("seconds.txt", "0");
}

function mouse(project: Project) {
  return async (bench: Workbench, ground: Ground): Promise<void> => {
    await seeRed(bench, project);
    ground.tell("the culprit has a squiggle and an entry in the Problems panel with a link");
    await bench.openFile(project.code);
    await bench.squiggle().first().waitFor();
    const problem = (await bench.problems()).filter({ hasText: "regreen" });
    await problem.filter({ hasText: project.says }).first().waitFor();
    equal(await problem.count(), 1, "the number of problems");
    equal((await problem.locator(".marker-code").innerText()).trim(), project.kind, "the problem's code");
    await problem.locator("a .marker-code").waitFor();

    ground.tell("the light bulb's menu offers the repair");
    await bench.clickAt(bench.line(project.wrong));
    await bench.clickAt(bench.bulb());
    equal((await bench.menu())[0], "Fix with agent", "the first entry of the light bulb");
    await bench.page.locator(".action-widget .monaco-list-row.action", { hasText: /^\s*Fix with agent\s*$/ }).click();

    ground.tell("the fix comes into the buffer, and the test is green");
    await seeRepaired(bench, project);
    await bench.noProblems();
    equal(ground.read(project.code).includes(project.right), true, "the fix on the disk");

    ground.tell("one undo of the editor takes the whole fix back");
    await bench.openFile(project.code);
    await bench.press("Control+z");
    await bench.line(project.wrong).waitFor();
    await bench.save();
    await bench.says("1 red");
    await bench.press("Control+y");
    await bench.line(project.right).waitFor();
    await bench.save();
    await bench.green();

    ground.tell("the command takes it back, too, and the message's button makes it again");
    await bench.command("Regreen: Undo the Agent's Fix");
    await bench.line(project.wrong).waitFor();
    await bench.toast("Undone").locator(".monaco-button", { hasText: /^Redo$/ }).click();
    await bench.line(project.right).waitFor();
  };
}

/** Nothing is touched with the mouse, and everything is drawn with high contrast. */
async function keyboard(bench: Workbench, ground: Ground): Promise<void> {
  const clicks = await bench.countClicks();
  await bench.openFile("test_mean.py");
  await bench.green();
  await bench.command("Regreen: Run Tests");
  await bench.says("1 red");
  ground.tell("the next problem, its hover, its light bulb");
  await bench.openFile("mean.py");
  await bench.squiggle().first().waitFor();
  await bench.press("F8");
  await bench.page.locator('.statusbar-item:has-text("Ln 2,")').waitFor();
  await bench.page.locator(".peekview-widget, .zone-widget", { hasText: PYTHON.says }).first().waitFor();
  await bench.press("Escape");
  await bench.command("Show or Focus Hover");
  await bench.page.locator(".monaco-hover:not(.hidden)", { hasText: PYTHON.says }).first().waitFor();
  await bench.press("Escape");
  ground.tell((await bench.askMenu()).join(" | "));
  await bench.press("Escape");

  ground.tell("our key begins a repair");
  await bench.goTo(2);
  await bench.press("Control+;", "g");
  await seeRepaired(bench);
  ground.tell("the message's buttons are reached");
  await bench.command("Notifications: Show Notifications"); // the toast itself has its time and may be gone
  await bench.tabTo(".notifications-center", "Show Report");
  await bench.press("Enter");
  await bench.report("should be");
  ground.tell("the page is readable");
  const contrast = await bench.contrast((await bench.report("should be")).locator(".reason"));
  equal(7 <= contrast, true, `a contrast of ${contrast} that is enough`);

  ground.tell("the other key shows the page");
  await bench.command("View: Close All Editors");
  await bench.page.locator(".tab", { hasText: "Repair 20" }).first().waitFor({ state: "hidden" });
  await bench.openFile("mean.py");
  await bench.press("Control+;", "h");
  await bench.report("should be");
  equal(await clicks(), 0, "the number of clicks");
}

async function cancel(bench: Workbench, ground: Ground): Promise<void> {
  await seeRed(bench);
  await cancelRepair(bench, ground, PYTHON);
  ground.tell("it works again afterwards");
  await bench.lens("Fix with agent").first().click();
  await bench.openFile("mean.py");
  await seeRepaired(bench);
}

async function dryRun(bench: Workbench, ground: Ground): Promise<void> {
  await seeRed(bench);
  await bench.openFile("mean.py");
  await bench.goTo(2);
  await bench.askMenu();
  await bench.choose("Fix with agent (dry run)");
  const said = bench.toast(/dry run|kept|Apply/);
  await said.waitFor();
  ground.tell(await said.innerText());
  await bench.line(WRONG).waitFor();
  ground.tell((await bench.askMenu()).join(" | "));
  await bench.choose("Apply the kept fix");
  await seeRepaired(bench);
}

async function outside(bench: Workbench, ground: Ground): Promise<void> {
  await seeRed(bench);
  ground.write("seconds.txt", "2");
  await bench.lens("Fix with agent").first().click();
  await eventually("a test that runs", () => ground.running("pytest").length !== 0);
  ground.write("mean.py", ground.read("mean.py").replace("number * 2", "2 * number"));
  ground.write("seconds.txt", "0");
  await bench.openFile("mean.py");
  await bench.line(RIGHT).waitFor();
  await bench.line("return 2 * number").waitFor();
  await bench.save();
  await bench.green();
}

async function saving(bench: Workbench, ground: Ground): Promise<void> {
  ground.write("mean.py", ground.read("mean.py").replace(WRONG, RIGHT));
  await bench.openFile("mean.py");
  await bench.line(RIGHT).waitFor();
  await bench.green();
  ground.tell("a save runs what it affects, and says so quietly");
  await bench.goTo(2);
  await bench.press("ArrowLeft", "Backspace");
  await bench.line(WRONG).waitFor();
  await bench.save();
  await bench.says("1 red");
  await bench.squiggle().first().waitFor();
  equal(await bench.unasked(), 0, "the number of messages and boxes that nobody asked for");
  ground.tell("the next save makes it green again");
  await bench.type("s");
  await seeRepaired(bench);
  await bench.noProblems();
  equal(await bench.unasked(), 0, "the number of messages and boxes that nobody asked for");
}

export const REPAIR: readonly Scenario[] = [
  { name: "a red test is seen, repaired by mouse and undone", files: MEAN, short: true, play: mouse(PYTHON) },
  { name: "the same in JavaScript", files: SCRIPT.files, play: mouse(SCRIPT) },
  { name: "the keyboard alone is enough, with high contrast", files: MEAN, short: true, settings: { "workbench.colorTheme": "Default High Contrast" }, play: keyboard },
  { name: "a cancelled repair changes nothing and leaves nothing running", files: SLOW, play: cancel },
  { name: "a dry run keeps the fix until it is applied", files: MEAN, play: dryRun },
  { name: "a change from outside during a repair is kept", files: SLOW, play: outside },
  { name: "a save runs what it affects and nothing pops up", files: MEAN, play: saving },
];
