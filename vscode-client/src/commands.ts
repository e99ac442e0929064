// The commands that are more than a message to the server.
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import {
  type ExecuteCommandSignature,
  type LanguageClient,
  LSPErrorCodes,
  ResponseError,
  WorkDoneProgress,
} from "vscode-languageclient/node";
import type { Explorer } from "./explorer";
import { type Arguments, type Ending, FixRequest, type JobRequest, PrepareRequest, type ReportResult } from "./protocol";
import type { Reports } from "./reports";

export type Views = Readonly<{ reports: Reports; explorer: Explorer }>;

/** Run a server command; long work goes as a request of its own, which a person can follow and really cancel. */
export async function executeCommand(
  client: LanguageClient,
  { reports, explorer }: Views,
  command: string,
  args: readonly unknown[],
  next: ExecuteCommandSignature,
): Promise<unknown> {
  const target = argumentOf(command, args[0], explorer);
  const request = FOLLOWED.get(command);
  try {
    const answer: unknown = await (request === undefined ? next(command, [target]) : follow(client, request, target));
    if (command === "regreen.showReport") {
      reports.show(answer as ReportResult, target);
    } else if (TOLD.has(command)) {
      void tell(answer as Ending);
    }
    return answer;
  } catch (error) {
    showProblem(error);
    return undefined;
  }
}

/** Show what the server answered instead of a result; a cancel is nobody's news. */
export function showProblem(error: unknown): void {
  if (!(error instanceof ResponseError)) {
    throw error;
  }
  if (error.code !== LSPErrorCodes.RequestCancelled && error.code !== LSPErrorCodes.ServerCancelled) {
    void vscode.window.showErrorMessage(error.message);
  }
}

async function tell({ message, level, actions }: Ending): Promise<void> {
  const show = level === "warning" ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  const chosen = await show(message, ...actions.map(({ title }) => title));
  const action = actions.find(({ title }) => title === chosen);
  if (action !== undefined) {
    await vscode.commands.executeCommand(action.command, ...action.arguments);
  }
}

function follow(client: LanguageClient, request: JobRequest, target: Arguments): Thenable<unknown> {
  const options = { location: vscode.ProgressLocation.Notification, title: "Regreen", cancellable: true };
  return vscode.window.withProgress(options, async (progress, cancelled) => {
    const workDoneToken = randomUUID();
    let shown = 0;
    const subscription = client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
      if (value.kind === "end") {
        return;
      }
      const reached = Math.max(shown, value.percentage ?? shown);
      progress.report({ message: value.message ?? "", increment: reached - shown });
      shown = reached;
    });
    try {
      return await client.sendRequest(request, { ...target, workDoneToken }, cancelled);
    } finally {
      subscription.dispose();
    }
  });
}

/** Say what a command is about: what the server made, the test of a menu of any test explorer, or the cursor's place. */
function argumentOf(command: string, given: unknown, explorer: Explorer): Arguments {
  if (given === undefined || given === null || given instanceof vscode.Uri) {
    return placeOfCursor(command);
  }
  const item = (given as { test?: unknown }).test ?? given;
  if (!isTestItem(item)) {
    return given as Arguments;
  }
  return explorer.owns(item) ? { nodes: [item.id] } : placeOfTest(item);
}

function isTestItem(value: unknown): value is vscode.TestItem {
  return typeof value === "object" && value !== null && "children" in value && "label" in value;
}

function placeOfTest({ uri, range }: vscode.TestItem): Arguments {
  return { uri: uri?.toString(), position: range && { line: range.start.line, character: range.start.character } };
}

function placeOfCursor(command: string): Arguments {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || editor.document.uri.scheme !== "file") {
    return {};
  }
  const { line, character } = editor.selection.active;
  const uri = editor.document.uri.toString();
  return ABOUT_THE_CURSOR.has(command) ? { uri, position: { line, character } } : { uri };
}

const ABOUT_THE_CURSOR: ReadonlySet<string> = new Set(["regreen.fix", "regreen.showReport"]);
const TOLD: ReadonlySet<string> = new Set(["regreen.fix", "regreen.prepare", "regreen.undo"]);
const FOLLOWED: ReadonlyMap<string, JobRequest> = new Map([
  ["regreen.fix", FixRequest],
  ["regreen.prepare", PrepareRequest],
]);
