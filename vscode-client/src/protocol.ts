// The server's own messages, as docs/lsp-extensions.md lists them.
import type { WorkDoneProgressParams } from "vscode-languageclient/node";
import { RequestType } from "vscode-languageclient/node";

/** What to repair: the arguments of the command `regreen.fix`. */
export type FixArguments = Record<string, unknown>;

export type FixParams = FixArguments & WorkDoneProgressParams;

/** How a repair ended, in one sentence for a person. */
export interface FixResult {
  readonly outcome: string;
  readonly message: string;
}

export const FixRequest = new RequestType<FixParams, FixResult, void>("regreen/fix");
