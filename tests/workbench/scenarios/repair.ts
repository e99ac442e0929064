// From the squiggle to the undo: by mouse, by keyboard, from the lens, in two languages.
import { equal, eventually } from "../patience.ts";
import type { Ground, Scenario } from "../scenario.ts";
import type { Workbench } from "../workbench.ts";
import { MEAN, RIGHT, SLOW, SLUG, WRONG } from "./workspaces.ts";

/** Open the project and run its first test from the lens: it is red. */
export async function seeRed(bench: Workbench, test = "test_mean.py"): Promise<void> {
  await bench.openFile(test);
  await bench.green();
  await bench.lens("Run test").first().click();
  await bench.says("1 red");
  await bench.lens("Fix with agent").first().waitFor();
}

/** Wait until the fix is in the active buffer, and save it: the test is green. */
export async function seeRepaired(bench: Workbench): Promise<void> {
  await bench.line(RIGHT).waitFor();
  await bench.save();
  await bench.green();
  await bench.squiggle().first().waitFor({ state: "hidden" });
}

async function mouse(bench: Workbench, ground: Ground): Promise<void> {
  await seeRed(bench);
  ground.tell("the culprit has a squiggle and an entry in the Problems panel with a link");
  await bench.openFile("mean.py");
  await bench.squiggle().first().waitFor();
  const problem = (await bench.problems()).filter({ hasText: "regreen" });
  await problem.first().waitFor();
  equal(await problem.count(), 1, "the number of problems");
  equal((await problem.locator(".marker-code").innerText()).trim(), "RG104", "the problem's code");
  await problem.locator("a .marker-code").waitFor();

  ground.tell("the light bulb's menu offers the repair");
  await bench.clickAt(bench.line(WRONG));
  await bench.page.locator(".editor-group-container.active .codicon-light-bulb, .lightBulbWidget:visible, .codicon-gutter-lightbulb").first().waitFor();
  await bench.clickAt(bench.page.locator(".lightBulbWidget:visible, [class*=codicon-gutter-lightbulb]").first());
  const entries = await bench.menu();
  equal(entries[0], "Fix with agent", "the first entry of the light bulb");
  await bench.page.locator(".action-widget .monaco-list-row.action", { hasText: /^\s*Fix with agent\s*$/ }).click();

  ground.tell("the fix comes into the buffer, and the test is green");
  await seeRepaired(bench);
  await bench.noProblems();
  await bench.openFile("mean.py");
  await bench.save();
  equal(ground.read("mean.py").includes(RIGHT), true, "the fix on the disk");

  ground.tell("one undo of the editor takes the whole fix back");
  await bench.press("Control+z");
  await bench.line(WRONG).waitFor();
  await bench.save();
  await bench.says("1 red");
  await bench.press("Control+y");
  await bench.line(RIGHT).waitFor();
  await bench.save();
  await bench.green();

  ground.tell("the undo command, too");
  await bench.command("Regreen: Undo the Agent's Fix");
  await bench.line(WRONG).waitFor();
}

async function keyboard(bench: Workbench, ground: Ground): Promise<void> {
  await bench.openFile("test_mean.py");
  await bench.green();
  await bench.command("Regreen: Run Tests");
  await bench.says("1 red");
  await bench.openFile("mean.py");
  await bench.goTo(2);
  await bench.press("Control+.");
  const entries = await bench.menu();
  ground.tell(entries.join(" | "));
  await bench.choose("Fix with agent");
  await seeRepaired(bench);
}

async function cancel(bench: Workbench, ground: Ground): Promise<void> {
  await seeRed(bench);
  ground.write("seconds.txt", "300");
  await bench.lens("Fix with agent").first().click();
  const toast = bench.toast("Regreen");
  await toast.waitFor();
  await eventually("a test that runs", () => ground.running("pytest").length !== 0);
  ground.tell(await toast.innerText());
  await toast.locator(".monaco-button", { hasText: "Cancel" }).click();
  await bench.says("1 red");
  await toast.waitFor({ state: "hidden" });
  await ground.ended("pytest");
  equal(ground.read("mean.py").includes(WRONG), true, "the file as it was");
  ground.tell("it works again afterwards");
  ground.write("seconds.txt", "0");
  await bench.lens("Fix with agent").first().click();
  await bench.openFile("mean.py");
  await seeRepaired(bench);
}

async function dryRun(bench: Workbench, ground: Ground): Promise<void> {
  await seeRed(bench);
  await bench.openFile("mean.py");
  await bench.goTo(2);
  await bench.press("Control+.");
  await bench.menu();
  await bench.choose("Fix with agent (dry run)");
  const said = bench.toast(/dry run|kept|Apply/);
  await said.waitFor();
  ground.tell(await said.innerText());
  await bench.line(WRONG).waitFor();
  await bench.press("Control+.");
  ground.tell((await bench.menu()).join(" | "));
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

async function javascript(bench: Workbench, ground: Ground): Promise<void> {
  await seeRed(bench, "test/slug.test.js");
  await bench.openFile("slug.js");
  await bench.squiggle().first().waitFor();
  await bench.goTo(2);
  await bench.press("Control+.");
  ground.tell((await bench.menu()).join(" | "));
  await bench.choose("Fix with agent");
  await bench.line('return title.trim().toLowerCase().replaceAll(" ", "-");').waitFor();
  await bench.save();
  await bench.green();
  await bench.squiggle().first().waitFor({ state: "hidden" });
}

export const REPAIR: readonly Scenario[] = [
  { name: "a red test is seen, repaired by mouse and undone", files: MEAN, play: mouse },
  { name: "the keyboard alone is enough", files: MEAN, play: keyboard },
  { name: "a cancelled repair changes nothing and leaves nothing running", files: SLOW, play: cancel },
  { name: "a dry run keeps the fix until it is applied", files: MEAN, play: dryRun },
  { name: "a change from outside during a repair is kept", files: SLOW, play: outside },
  { name: "JavaScript is repaired in the same way", files: SLUG, play: javascript },
];
