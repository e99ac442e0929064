// The commands that are more than a message to the server.
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import { type ExecuteCommandSignature, type LanguageClient, WorkDoneProgress } from "vscode-languageclient/node";
import { type FixArguments, FixRequest } from "./protocol";

/** Run a server command; a repair goes as a request of its own, which a person can follow and really cancel. */
export async function executeCommand(
  client: LanguageClient | undefined,
  command: string,
  args: unknown[],
  next: ExecuteCommandSignature,
): Promise<unknown> {
  const given = args.length === 0 ? placeOfCursor() : args;
  return command === "regreen.fix" && client !== undefined ? fix(client, given[0] as FixArguments) : next(command, given);
}

function fix(client: LanguageClient, target: FixArguments): Thenable<unknown> {
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
      return await client.sendRequest(FixRequest, { ...target, workDoneToken }, cancelled);
    } finally {
      subscription.dispose();
    }
  });
}

/** Tell the server where the cursor is, for a command that was chosen from the palette. */
function placeOfCursor(): unknown[] {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    return [];
  }
  const { line, character } = editor.selection.active;
  return [{ uri: editor.document.uri.toString(), position: { line, character } }];
}
