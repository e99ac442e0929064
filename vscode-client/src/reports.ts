// Shows the story of a repair as a page.
import * as vscode from "vscode";
import type { ReportResult } from "./protocol";

const SCHEME = "regreen-report";

export class Reports implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly pages = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  readonly onDidChange = this.changed.event;

  async show(result: ReportResult): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/Repair ${result.report.runId}.md` });
    this.pages.set(uri.path, result.markdown);
    this.changed.fire(uri);
    await vscode.commands.executeCommand("markdown.showPreview", uri);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.pages.get(uri.path) ?? "";
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
