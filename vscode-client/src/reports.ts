// Shows the story of a repair as a page: one panel, used again, restored with the window.
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { type Arguments, ReportRequest, type ReportResult } from "./protocol";

const TYPE = "regreen.report";
const LAST = "regreen.lastReport";
const LINKS = ["regreen.openPlace", "regreen.fix", "regreen.undo", "regreen.showReport"];

export class Reports implements vscode.WebviewPanelSerializer, vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private result: ReportResult | undefined;
  private readonly registration = vscode.window.registerWebviewPanelSerializer(TYPE, this);

  constructor(private readonly memory: vscode.Memento) {}

  show(result: ReportResult, { uri }: Arguments): void {
    void this.memory.update(LAST, { uri, runId: result.report.runId });
    const active = vscode.window.activeTextEditor === undefined ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside;
    this.panel ??= this.adopt(vscode.window.createWebviewPanel(TYPE, "Repair", active));
    this.render(result);
    this.panel.reveal(undefined, true);
  }

  /** Fill the panel that came back with the window, as soon as the server can. */
  async follow(client: LanguageClient): Promise<void> {
    const last = this.memory.get<Arguments>(LAST);
    if (this.panel !== undefined && this.result === undefined && last !== undefined) {
      this.render(await client.sendRequest(ReportRequest, last));
    }
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    this.panel = this.adopt(panel);
    return Promise.resolve();
  }

  async openPlace(runId: string, n: number): Promise<void> {
    const place = this.result?.report.runId === runId ? this.result.places[n] : undefined;
    if (place !== undefined) {
      const start = new vscode.Position(place.line, 0);
      const options = { selection: new vscode.Range(start, start), viewColumn: vscode.ViewColumn.One };
      await vscode.window.showTextDocument(vscode.Uri.parse(place.uri), options);
    }
  }

  dispose(): void {
    this.registration.dispose();
    this.panel?.dispose();
  }

  private adopt(panel: vscode.WebviewPanel): vscode.WebviewPanel {
    panel.webview.options = { enableScripts: false, enableCommandUris: LINKS, localResourceRoots: [] };
    panel.onDidDispose(() => {
      this.panel = this.result = undefined;
    });
    return panel;
  }

  private render(result: ReportResult): void {
    this.result = result;
    if (this.panel !== undefined) {
      this.panel.title = `Repair ${result.report.runId}`;
      this.panel.webview.html = result.html;
    }
  }
}
