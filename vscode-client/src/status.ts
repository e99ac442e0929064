// One place that shows how the server is: the status bar item and the context key that commands depend on.
import * as vscode from "vscode";
import { type LanguageClient, State } from "vscode-languageclient/node";
import { StatusNotification, type StatusParams } from "./protocol";

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("regreen.status", vscode.StatusBarAlignment.Left);
  private readonly folders = new Map<string, StatusParams>();

  constructor() {
    this.item.name = "Regreen";
    this.item.command = "regreen.showLog";
    this.item.show();
  }

  starting(): void {
    this.show("$(sync~spin) Regreen", "The server is starting.");
  }

  failed(reason: string): void {
    this.show("$(error) Regreen", reason);
    setRunning(false);
  }

  /** Show what becomes of a client, and what it is doing. */
  follow(client: LanguageClient): void {
    this.folders.clear();
    client.onDidChangeState(({ newState }) => {
      setRunning(newState === State.Running);
      if (newState === State.Running) {
        this.showFolders();
      } else if (newState === State.Stopped) {
        this.show("$(debug-disconnect) Regreen", "The server has stopped.");
      }
    });
    client.onNotification(StatusNotification, (status) => {
      this.folders.set(status.uri, status);
      this.showFolders();
    });
  }

  dispose(): void {
    this.item.dispose();
  }

  private showFolders(): void {
    const folders = [...this.folders.values()];
    const running = folders.find(({ state }) => state === "running");
    const failures = folders.reduce((sum, folder) => sum + folder.failures, 0);
    const red = failures === 0 ? "" : `: ${failures} red`;
    if (running !== undefined) {
      this.show(`$(sync~spin) Regreen: ${running.title}`, running.message);
    } else {
      this.show(`${failures === 0 ? "$(check)" : "$(error)"} Regreen${red}`, `The server is ready.${walls(folders)}`);
    }
  }

  private show(text: string, tooltip: string): void {
    this.item.text = text;
    this.item.tooltip = tooltip;
  }
}

/** Say what attempts work in, the weakest folder first. */
function walls(folders: readonly StatusParams[]): string {
  const known = folders.flatMap(({ protection }) => (protection === null ? [] : [protection]));
  const weakest = known.sort((one, other) => one.level - other.level)[0];
  return weakest === undefined ? "" : ["\nRepairs work in " + weakest.text + ".", ...weakest.reasons].join("\n");
}

function setRunning(running: boolean): void {
  void vscode.commands.executeCommand("setContext", "regreen.running", running);
}
