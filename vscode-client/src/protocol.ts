// The server's own messages, as docs/lsp-extensions.md lists them.
import { NotificationType, RequestType, type WorkDoneProgressParams } from "vscode-languageclient/node";

/** What a command is about: its argument, as the server made it or with the cursor's place. */
export type Arguments = Record<string, unknown>;

export type FollowedRequest = RequestType<Arguments & WorkDoneProgressParams, unknown, void>;

/** What the command `regreen.showReport` answers. */
export interface ReportResult {
  readonly report: { readonly runId: string };
  readonly markdown: string;
}

export interface StatusParams {
  readonly uri: string;
  readonly state: "idle" | "running";
  readonly title: string;
  readonly message: string;
  readonly failures: number;
  /** How attempts are kept apart from the person's files; null until it was tried. */
  readonly protection: { readonly level: number; readonly text: string; readonly reasons: readonly string[] } | null;
}

export const FixRequest: FollowedRequest = new RequestType("regreen/fix");
export const PrepareRequest: FollowedRequest = new RequestType("regreen/prepare");
export const StatusNotification = new NotificationType<StatusParams>("regreen/status");

/** What this client does itself: it shows reports and takes the server's status. */
export const EXPERIMENTAL = { regreen: { reports: true, status: true } };
