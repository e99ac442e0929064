// The test explorer: the server's tests and results in the editor's own view, where the setting asks for it.
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { showProblem } from "./commands";
import { followed } from "./languages";
import {
  FollowTestsNotification,
  RunTestsRequest,
  TestRunNotification,
  type TestNode,
  type TestRunParams,
  TestsNotification,
  type TestsParams,
  type TestState,
} from "./protocol";

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
    client.onNotification(TestsNotification, (params) => this.take(params));
    client.onNotification(TestRunNotification, (params) => this.report(params));
    this.choose();
  }

  owns(item: vscode.TestItem): boolean {
    return this.nodes.get(item.id) === item;
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
    this.clear();
  }

  private choose(): void {
    const setting = vscode.workspace.getConfiguration("regreen").get("testExplorer", "off");
    const languages = followed(setting, (id) => vscode.extensions.getExtension(id) !== undefined);
    this.clear();
    if (languages.length !== 0) {
      this.controller = vscode.tests.createTestController("regreen", "Regreen");
      const run = (request: vscode.TestRunRequest, token: vscode.CancellationToken) => this.run(request, token);
      this.controller.createRunProfile("Run", vscode.TestRunProfileKind.Run, run, true);
    }
    void this.client?.sendNotification(FollowTestsNotification, { languages });
  }

  private clear(): void {
    this.runs.forEach((run) => run.end());
    [this.runs, this.asked, this.nodes].forEach((map) => map.clear());
    this.controller?.dispose();
    this.controller = undefined;
  }

  private take({ gone, files }: TestsParams): void {
    gone.forEach((uri) => this.controller?.items.delete(uri));
    for (const { uri, label, nodes } of files) {
      const item = this.node({ id: uri, label, line: 0, children: nodes }, vscode.Uri.parse(uri));
      if (item !== undefined) {
        this.controller?.items.add(item);
      }
    }
  }

  private node({ id, label, line, children }: TestNode, uri: vscode.Uri | undefined): vscode.TestItem | undefined {
    const item = this.controller?.createTestItem(id, label, uri);
    if (item !== undefined) {
      item.range = new vscode.Range(line, 0, line, 0);
      const below = children.map((child) => this.node(child, uri));
      item.children.replace(below.filter((child) => child !== undefined));
      this.nodes.set(id, item);
    }
    return item;
  }

  private async run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const workDoneToken = randomUUID();
    this.asked.set(workDoneToken, request);
    const [nodes, without] = [request.include ?? [], request.exclude ?? []].map((items) => items.map(({ id }) => id));
    await this.client?.sendRequest(RunTestsRequest, { nodes, without, workDoneToken }, token).catch(showProblem);
    this.asked.delete(workDoneToken);
  }

  private report({ uri, run: name, phase, title, token, results }: TestRunParams): void {
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

  private show(run: vscode.TestRun, state: TestState): void {
    const item = this.nodes.get(state.id) ?? this.caseOf(state);
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

  /** Make a node for what only a run brings to light, such as the cases of a parametrised test. */
  private caseOf({ id, label, parent }: TestState): vscode.TestItem | undefined {
    const above = this.nodes.get(parent);
    const item = above && this.node({ id, label, line: above.range?.start.line ?? 0, children: [] }, above.uri);
    if (item !== undefined) {
      above?.children.add(item);
    }
    return item;
  }
}

function messageOf({ message, expected, actual, uri, line, stack }: TestState): vscode.TestMessage {
  const shown = expected === "" ? new vscode.TestMessage(message) : vscode.TestMessage.diff(message, expected, actual);
  if (uri !== "") {
    shown.location = new vscode.Location(vscode.Uri.parse(uri), new vscode.Position(line, 0));
  }
  shown.stackTrace = stack.map(
    (frame) => new vscode.TestMessageStackFrame(frame.label, vscode.Uri.parse(frame.uri), new vscode.Position(frame.line, 0)),
  );
  return shown;
}
