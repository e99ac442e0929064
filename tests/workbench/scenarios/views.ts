// The editor's own views, with us in them.
import type { Ground, Scenario } from "../scenario.ts";
import type { Workbench } from "../workbench.ts";
import { seeRepaired } from "./repair.ts";
import { MEAN } from "./workspaces.ts";

async function testing(bench: Workbench, ground: Ground): Promise<void> {
  await bench.openFile("test_mean.py");
  await bench.green();
  await bench.command("Testing: Focus on Test Explorer View");
  const tests = bench.page.locator(".test-explorer .monaco-list-row");
  await tests.filter({ hasText: "test_mean.py" }).first().waitFor();
  ground.tell("the tests are run from there");
  await bench.command("Test: Run All Tests");
  await bench.says("1 red");
  await tests.filter({ hasText: "test_mean.py" }).first().click();
  await bench.press("ArrowRight");
  const red = tests.filter({ hasText: "test_the_mean_lies_between" }).first();
  await red.waitFor();
  await red.locator(".codicon-testing-failed-icon").waitFor();

  ground.tell("its menu repairs a red test");
  await red.click({ button: "right" });
  await bench.page.locator(".monaco-menu .action-label", { hasText: /^Fix with Agent$/ }).first().click();
  await bench.openFile("mean.py");
  await seeRepaired(bench);
}

export const VIEWS: readonly Scenario[] = [
  { name: "the Testing view runs and repairs tests", files: MEAN, settings: { "regreen.testExplorer": "on" }, play: testing },
];
