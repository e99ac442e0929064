// The commands that are more than a message to the server.
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import * as lsp from "vscode-languageclient/node";
import type { Arguments, Ending, ReportResult } from "./protocol";
import type { Reports } from "./reports";

/** Run a server command; long work goes as a request of its own, which a person can follow and really cancel. */
export async function executeCommand(
  client: lsp.LanguageClient,
  reports: Reports,
  command: string,
  args: readonly unknown[],
  next: lsp.ExecuteCommandSignature,
): Promise<unknown> {
  const target = argumentOf(command, args[0]);
  try {
    const answer = (await (FOLLOWED.has(command) ? follow(client, command, target) : next(command, [target]))) as Answer;
    if (answer?.html !== undefined) {
      reports.show(answer as ReportResult, target);
    } else if (answer?.message !== undefined) {
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
  if (!(error instanceof lsp.ResponseError)) {
    throw error;
  }
  if (error.code !== lsp.LSPErrorCodes.RequestCancelled && error.code !== lsp.LSPErrorCodes.ServerCancelled) {
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

function follow(client: lsp.LanguageClient, command: string, target: Arguments): Thenable<unknown> {
  const options = { location: vscode.ProgressLocation.Notification, title: "Regreen", cancellable: true };
  return vscode.window.withProgress(options, async (progress, cancelled) => {
    const workDoneToken = randomUUID();
    let shown = 0;
    const subscription = client.onProgress(lsp.WorkDoneProgress.type, workDoneToken, (value) => {
      if (value.kind === "end") {
        return;
      }
      const reached = Math.max(shown, value.percentage ?? shown);
      progress.report({ message: value.message ?? "", increment: reached - shown });
      shown = reached;
    });
    try {
      return await client.sendRequest(command.replace(".", "/"), { ...target, workDoneToken }, cancelled);
    } finally {
      subscription.dispose();
    }
  });
}

/** Say what a command is about: what the server made, the test of a menu of any test explorer, or the cursor's place. */
function argumentOf(command: string, given: unknown): Arguments {
  if (given === undefined || given === null || given instanceof vscode.Uri) {
    const { document, selection } = vscode.window.activeTextEditor ?? {};
    const isFile = document?.uri.scheme === "file";
    return isFile ? placeOf(document.uri, ABOUT_THE_CURSOR.has(command) ? selection?.active : undefined) : {};
  }
  const item = (given as { test?: unknown }).test ?? given;
  return isTestItem(item) ? { nodes: [item.id], ...placeOf(item.uri, item.range?.start) } : (given as Arguments);
}

function isTestItem(value: unknown): value is vscode.TestItem {
  return typeof value === "object" && value !== null && "children" in value && "label" in value;
}

function placeOf(uri: vscode.Uri | undefined, at: vscode.Position | undefined): Arguments {
  return { uri: uri?.toString(), position: at && { line: at.line, character: at.character } };
}

type Answer = Partial<ReportResult & Ending> | null;

const ABOUT_THE_CURSOR = new Set(["regreen.fix", "regreen.mutate", "regreen.showReport", "regreen.strengthen"]);
const FOLLOWED = new Set(["regreen.fix", "regreen.mutate", "regreen.prepare", "regreen.strengthen"]);
