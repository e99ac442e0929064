// One place that shows how the server is: the status bar item with its menu, and the context keys of the commands.
import * as vscode from "vscode";
import { type LanguageClient, State } from "vscode-languageclient/node";
import { type Action, OverviewNotification, type OverviewParams } from "./protocol";

const OWN: readonly Action[] = [
  { title: "$(output) Show log", command: "regreen.showLog", arguments: [] },
  { title: "$(checklist) Check the set-up", command: "regreen.runDoctor", arguments: [] },
  { title: "$(debug-restart) Restart server", command: "regreen.restartServer", arguments: [] },
];

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("regreen.status", vscode.StatusBarAlignment.Left);
  private menu: readonly Action[] = [];

  constructor() {
    this.item.name = "Regreen";
    this.item.command = "regreen.showMenu";
    this.item.show();
  }

  starting(): void {
    this.show("$(sync~spin) Regreen", "The server is starting.");
  }

  failed(reason: string): void {
    this.show("$(error) Regreen", reason);
    setContext("running", false);
  }

  /** Show what becomes of a client, and how its server is. */
  follow(client: LanguageClient): void {
    client.onDidChangeState(({ newState }) => {
      setContext("running", newState === State.Running);
      if (newState === State.Stopped) {
        this.menu = [];
        this.show("$(debug-disconnect) Regreen", "The server has stopped. Click for the log and a restart.");
      }
    });
    client.onNotification(OverviewNotification, (overview) => this.showOverview(overview));
  }

  async showMenu(): Promise<void> {
    const choices = [...this.menu, ...OWN].map((action) => ({ label: action.title, action }));
    const chosen = await vscode.window.showQuickPick(choices, { title: "Regreen" });
    if (chosen !== undefined) {
      await vscode.commands.executeCommand(chosen.action.command, ...chosen.action.arguments);
    }
  }

  dispose(): void {
    this.item.dispose();
  }

  private showOverview({ text, tooltip, busy, red, reports, undoable, menu }: OverviewParams): void {
    this.menu = menu;
    this.show(text, tooltip);
    // Paths: what the editor calls the same file in a remote window has another scheme.
    const redFiles = red.length !== 0 && red.map((uri) => vscode.Uri.parse(uri).fsPath);
    Object.entries({ busy, redFiles, reports, undoable }).forEach(([key, value]) => setContext(key, value));
  }

  private show(text: string, tooltip: string): void {
    this.item.text = text;
    this.item.tooltip = new vscode.MarkdownString(tooltip);
  }
}

function setContext(key: string, value: unknown): void {
  void vscode.commands.executeCommand("setContext", `regreen.${key}`, value);
}
