// One place that shows how the server is: the status item and the context key that commands depend on.
import * as vscode from "vscode";
import { type LanguageClient, State } from "vscode-languageclient/node";

export class Status implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem("regreen.server", { language: "python" });

  constructor() {
    this.item.name = "Regreen";
    this.item.command = { command: "regreen.showLog", title: "Show Log" };
  }

  starting(): void {
    this.show("Regreen is starting", vscode.LanguageStatusSeverity.Information, true);
  }

  failed(reason: string): void {
    this.show("Regreen is not running", vscode.LanguageStatusSeverity.Error, false);
    this.item.detail = reason;
    setRunning(false);
  }

  /** Show what becomes of a client. */
  follow(client: LanguageClient): void {
    client.onDidChangeState(({ newState }) => {
      setRunning(newState === State.Running);
      if (newState === State.Running) {
        this.show("Regreen is ready", vscode.LanguageStatusSeverity.Information, false);
      } else if (newState === State.Stopped) {
        this.show("Regreen has stopped", vscode.LanguageStatusSeverity.Warning, false);
      }
    });
  }

  dispose(): void {
    this.item.dispose();
  }

  private show(text: string, severity: vscode.LanguageStatusSeverity, busy: boolean): void {
    this.item.text = text;
    this.item.severity = severity;
    this.item.busy = busy;
    this.item.detail = "";
  }
}

function setRunning(running: boolean): void {
  void vscode.commands.executeCommand("setContext", "regreen.running", running);
}
