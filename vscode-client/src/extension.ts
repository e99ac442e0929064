// Starts the Regreen server and hands its features to the editor; every decision is the server's.
import * as vscode from "vscode";
import { Reports } from "./reports";
import { Server } from "./server";
import { Status } from "./status";

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Regreen", { log: true });
  const status = new Status();
  const reports = new Reports();
  const running = new Server(context.asAbsolutePath("bundled/launch.py"), log, status, reports);
  server = running;
  context.subscriptions.push(
    log,
    status,
    reports,
    running,
    vscode.commands.registerCommand("regreen.restartServer", () => running.restart()),
    vscode.commands.registerCommand("regreen.showLog", () => log.show()),
  );
  // Not awaited: the editor must not wait for a Python to be found.
  void running.restart();
  void running.followPythonExtension();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
