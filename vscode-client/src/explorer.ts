// The test explorer: the server's tests and results in the editor's own view, where the setting asks for it.
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { showProblem } from "./commands";
import * as wire from "./protocol";

export class Explorer implements vscode.Disposable {
  private controller: vscode.TestController | undefined;
  private client: LanguageClient | undefined;
  private readonly nodes = new Map<string, vscode.TestItem>();
  private readonly asked = new Map<string | number, vscode.TestRunRequest>();
  private readonly runs = new Map<string, vscode.TestRun>();
  private readonly subscriptions = [
    vscode.extensions.onDidChange(() => this.choose()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("regreen.testExplorer")) {
        this.choose();
      }
    }),
  ];

  follow(client: LanguageClient): void {
    this.client = client;
    client.onNotification(wire.TestsNotification, (params) => this.take(params));
    client.onNotification(wire.TestRunNotification, (params) => this.report(params));
    this.choose();
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
    this.clear();
  }

  private choose(): void {
    this.clear();
    const show = vscode.workspace.getConfiguration("regreen").get("testExplorer", "off");
    if (show !== "off") {
      this.controller = vscode.tests.createTestController("regreen", "Regreen");
      const run = (request: vscode.TestRunRequest, token: vscode.CancellationToken) => this.run(request, token);
      this.controller.createRunProfile("Run", vscode.TestRunProfileKind.Run, run, true);
    }
    const extensions = vscode.extensions.all.map(({ id }) => id);
    void this.client?.sendNotification(wire.FollowTestsNotification, { show, extensions });
  }

  private clear(): void {
    this.runs.forEach((run) => run.end());
    [this.runs, this.asked, this.nodes].forEach((map) => map.clear());
    this.controller?.dispose();
    this.controller = undefined;
  }

  private take({ gone, files }: wire.TestsParams): void {
    gone.forEach((uri) => this.controller?.items.delete(uri));
    for (const { uri, label, nodes } of files) {
      this.add({ id: uri, label, line: 0, children: nodes }, vscode.Uri.parse(uri), this.controller?.items);
    }
  }

  private add(node: wire.TestNode, uri?: vscode.Uri, siblings?: vscode.TestItemCollection): vscode.TestItem | undefined {
    const item = siblings && this.controller?.createTestItem(node.id, node.label, uri);
    if (item !== undefined) {
      item.range = new vscode.Range(node.line, 0, node.line, 0);
      node.children.forEach((child) => this.add(child, uri, item.children));
      siblings?.add(item);
      this.nodes.set(node.id, item);
    }
    return item;
  }

  private async run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const workDoneToken = randomUUID();
    this.asked.set(workDoneToken, request);
    const [nodes, without] = [request.include ?? [], request.exclude ?? []].map((items) => items.map(({ id }) => id));
    await this.client?.sendRequest(wire.RunTestsRequest, { nodes, without, workDoneToken }, token).catch(showProblem);
    this.asked.delete(workDoneToken);
  }

  private report({ uri, run: name, phase, title, token, results }: wire.TestRunParams): void {
    if (phase === "begin" && this.controller !== undefined) {
      const quietly = new vscode.TestRunRequest(undefined, undefined, undefined, false, true);
      const begun = this.controller.createTestRun(this.asked.get(token ?? "") ?? quietly, title);
      begun.token.onCancellationRequested(() => vscode.commands.executeCommand("regreen.cancel", { uri }));
      this.runs.set(name, begun);
    }
    const run = this.runs.get(name);
    if (run !== undefined) {
      results.forEach((state) => this.show(run, state));
    }
    if (phase === "end") {
      run?.end();
      this.runs.delete(name);
    }
  }

  private show(run: vscode.TestRun, state: wire.TestState): void {
    // What only a run brings to light, such as the cases of a parametrised test, comes below what it belongs to.
    const above = this.nodes.get(state.parent);
    const unseen = { ...state, line: above?.range?.start.line ?? 0, children: [] };
    const item = this.nodes.get(state.id) ?? this.add(unseen, above?.uri, above?.children);
    if (item === undefined) {
      return;
    }
    if (state.output !== "") {
      run.appendOutput(state.output.replace(/\r?\n/g, "\r\n"), undefined, item);
    }
    if (state.state === "passed") {
      run.passed(item, state.milliseconds);
    } else if (state.state === "skipped") {
      run.skipped(item);
    } else {
      run[state.state](item, messageOf(state), state.milliseconds);
    }
  }
}

function messageOf({ message, expected, actual, uri, line, stack }: wire.TestState): vscode.TestMessage {
  const shown = expected === "" ? new vscode.TestMessage(message) : vscode.TestMessage.diff(message, expected, actual);
  if (uri !== "") {
    shown.location = new vscode.Location(vscode.Uri.parse(uri), new vscode.Position(line, 0));
  }
  shown.stackTrace = stack.map(
    (frame) => new vscode.TestMessageStackFrame(frame.label, vscode.Uri.parse(frame.uri), new vscode.Position(frame.line, 0)),
  );
  return shown;
}
