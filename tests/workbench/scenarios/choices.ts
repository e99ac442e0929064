// What a person decides: trust, settings, interpreters, folders.
import { equal, eventually } from "../patience.ts";
import type { Ground, Scenario } from "../scenario.ts";
import type { Workbench } from "../workbench.ts";
import { seeRepaired } from "./repair.ts";
import { MEAN, type Project, PYTHON, SCRIPT } from "./workspaces.ts";

function trust(project: Project) {
  return async (bench: Workbench, ground: Ground): Promise<void> => {
    await bench.openFile(project.test);
    await bench.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
    await bench.status().waitFor();
    ground.tell("nothing of the workspace is run, and no command offers to");
    const offered = await bench.offered("Regreen:");
    for (const title of ["Regreen: Run Tests", "Regreen: Fix with Agent", "Regreen: Prepare the Environment"]) {
      equal(offered.includes(title), false, `${title} in the palette`);
    }
    await bench.openFile(project.code);
    await bench.clickAt(bench.line(project.wrong));
    await bench.press("End", "Space", "Backspace");
    await bench.save();
    equal(ground.running(project.runner).length, 0, "the number of tests that run");
    equal(await bench.squiggle().count(), 0, "the number of squiggles");

    ground.tell("trust is granted, and it works");
    await bench.command("Workspaces: Manage Workspace Trust");
    await bench.page.locator(".workspace-trust-editor .monaco-button", { hasText: /^Trust$/ }).first().click();
    await bench.page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor({ state: "hidden" });
    await bench.openFile(project.test);
    await bench.lens("Run test").first().waitFor();
    await bench.green();
    await eventually("a run of tests that is allowed", async () => {
      await bench.lens("Run test").first().click();
      return bench.redWithin(20_000);
    });
    await bench.lens("Fix with agent").first().click();
    await bench.openFile(project.code);
    await seeRepaired(bench, project);
  };
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

async function keys(bench: Workbench, ground: Ground): Promise<void> {
  await bench.openFile("test_mean.py");
  await bench.command("Preferences: Open Keyboard Shortcuts");
  const search = bench.page.locator(".keybindings-header input");
  for (const [key, title] of [["ctrl+; g", "Regreen: Fix with Agent"], ["ctrl+; h", "Regreen: Show Repair Report"]] as const) {
    ground.tell(`${key} is ours alone`);
    await search.fill(`"${key}"`);
    const rows = bench.page.locator(".keybindings-editor .keybindings-table-container .monaco-list-row");
    await rows.filter({ hasText: title }).first().waitFor();
    await eventually(`one command alone with ${key}`, async () => (await rows.count()) === 1);
  }
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

async function noPython(bench: Workbench, ground: Ground): Promise<void> {
  await bench.openFile("test_mean.py");
  const toast = bench.toast("Regreen needs Python 3.11 or newer");
  await toast.waitFor();
  ground.tell(await toast.innerText());
  await toast.locator(".monaco-button", { hasText: "Choose Interpreter" }).click();
  await bench.page.locator(".settings-editor .setting-item-contents", { hasText: "Interpreter" }).first().waitFor();
  ground.tell("the setting is set right, and the server starts");
  ground.prefer({ "regreen.interpreter": ground.python });
  await bench.green();
  await bench.openFile("test_mean.py");
  await bench.lens("Run test").first().click();
  await bench.says("1 red");
}

async function pythonExtension(bench: Workbench, ground: Ground): Promise<void> {
  await bench.openFile("test_mean.py");
  await bench.green();
  const runs = (path: string) => ground.running("launch.py serve").some((line) => line.includes(` ${path} `));
  equal(runs(ground.python), true, "a server on the Python of the other extension");
  await bench.command("Regreen: Show Log");
  await bench.page.locator(".part.panel .view-line", { hasText: /from\sthe\sPython\sextension/ }).first().waitFor();
  ground.tell("another environment is chosen there");
  ground.prefer({ "regreen.interpreter": "", "python.defaultInterpreterPath": ground.ownPython });
  await eventually("a server on the Python that was chosen", () => runs(ground.ownPython));
  await bench.green();
}

const one = MEAN.replace(/^-- /gm, "-- one/");
const two = one.replaceAll("one/", "two/").replaceAll("mean.py", "other.py").replaceAll("from mean", "from other");
const FOLDERS = `-- both.code-workspace --
{ "folders": [{ "path": "one" }, { "path": "two" }] }
${one}${two}`;

export const CHOICES: readonly Scenario[] = [
  { name: "nothing is run before the workspace is trusted", files: MEAN, short: true, untrusted: true, play: trust(PYTHON) },
  { name: "the same with JavaScript", files: SCRIPT.files, untrusted: true, play: trust(SCRIPT) },
  { name: "a changed setting takes effect", files: MEAN, short: true, play: settings },
  { name: "our keys are ours alone", files: MEAN, play: keys },
  { name: "two folders are kept apart", files: FOLDERS, open: "both.code-workspace", play: twoFolders },
  { name: "without a fitting Python a button leads to the setting, and a right one starts the server", files: MEAN, machine: { "regreen.interpreter": "/nowhere/python" }, play: noPython },
  { name: "the Python extension's environment runs the server, unless a setting says otherwise", files: MEAN, machine: { "regreen.interpreter": "" }, play: pythonExtension },
];
