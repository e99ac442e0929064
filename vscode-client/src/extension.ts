// Starts the Regreen server and hands its features to the editor; every decision is the server's.
import * as vscode from "vscode";
import { Explorer } from "./explorer";
import { Reports } from "./reports";
import { Secrets } from "./secrets";
import { Server } from "./server";
import { Status } from "./status";

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Regreen", { log: true });
  const secrets = new Secrets(context.secrets);
  const views = { status: new Status(), reports: new Reports(context.workspaceState), explorer: new Explorer(), secrets };
  const running = new Server(context.asAbsolutePath("bundled/launch.py"), log, views);
  server = running;
  const commands: Record<string, (...args: never[]) => unknown> = {
    "regreen.showMenu": () => views.status.showMenu(),
    "regreen.showLog": () => log.show(),
    "regreen.restartServer": () => running.restart(),
    "regreen.runDoctor": () => running.runDoctor(),
    "regreen.openPlace": (runId: string, n: number) => views.reports.openPlace(runId, n),
    "regreen.setApiKey": () => secrets.set(),
    "regreen.removeApiKey": () => secrets.remove(),
  };
  context.subscriptions.push(log, running, views.status, views.reports, views.explorer);
  context.subscriptions.push(...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(name, run)));
  // Not awaited: the editor must not wait for a Python to be found.
  void running.restart();
  void running.followPythonExtension();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
