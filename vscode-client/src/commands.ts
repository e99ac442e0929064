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
import { type Arguments, FixRequest, type FollowedRequest, PrepareRequest, type ReportResult } from "./protocol";
import type { Reports } from "./reports";

/** Run a server command; long work goes as a request of its own, which a person can follow and really cancel. */
export async function executeCommand(
  client: LanguageClient | undefined,
  reports: Reports,
  command: string,
  args: unknown[],
  next: ExecuteCommandSignature,
): Promise<unknown> {
  const given = args.length === 0 ? [placeOfCursor(command)] : args;
  const request = FOLLOWED.get(command);
  if (request !== undefined && client !== undefined) {
    return follow(client, request, given[0] as Arguments);
  }
  const answer: unknown = await next(command, given);
  if (command === "regreen.showReport" && answer) {
    await reports.show(answer as ReportResult);
  }
  return answer;
}

async function follow(client: LanguageClient, request: FollowedRequest, target: Arguments): Promise<unknown> {
  const options = { location: vscode.ProgressLocation.Notification, title: "Regreen", cancellable: true };
  try {
    return await vscode.window.withProgress(options, (progress, cancelled) =>
      followed(client, request, target, progress, cancelled),
    );
  } catch (error) {
    if (!(error instanceof ResponseError)) {
      throw error;
    }
    if (error.code !== LSPErrorCodes.RequestCancelled && error.code !== LSPErrorCodes.ServerCancelled) {
      void vscode.window.showErrorMessage(error.message);
    }
    return undefined;
  }
}

async function followed(
  client: LanguageClient,
  request: FollowedRequest,
  target: Arguments,
  progress: vscode.Progress<{ message: string; increment: number }>,
  cancelled: vscode.CancellationToken,
): Promise<unknown> {
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
}

/** Say what a command from the palette is about: the place of the cursor, or for a run of tests its whole folder. */
function placeOfCursor(command: string): object {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || editor.document.uri.scheme !== "file") {
    return {};
  }
  const { line, character } = editor.selection.active;
  const uri = editor.document.uri.toString();
  return ABOUT_THE_CURSOR.has(command) ? { uri, position: { line, character } } : { uri };
}

const ABOUT_THE_CURSOR: ReadonlySet<string> = new Set(["regreen.fix", "regreen.showReport"]);
const FOLLOWED: ReadonlyMap<string, FollowedRequest> = new Map([
  ["regreen.fix", FixRequest],
  ["regreen.prepare", PrepareRequest],
]);
