// The server's own messages, as docs/lsp-extensions.md lists them.
import { NotificationType, RequestType, type WorkDoneProgressParams } from "vscode-languageclient/node";

/** What a command is about: its argument, as the server made it or with the cursor's place. */
export type Arguments = Record<string, unknown>;

export type Action = Readonly<{ title: string; command: string; arguments: readonly Arguments[] }>;

/** How something ended that a person asked for. */
export type Ending = Readonly<{ message: string; level: "info" | "warning"; actions: readonly Action[] }>;

/** A line of a file, counted from 0. */
type Place = Readonly<{ uri: string; line: number }>;

/** What the command `regreen.showReport` answers. */
export type ReportResult = Readonly<{ report: { readonly runId: string }; html: string; places: readonly Place[] }>;

export interface OverviewParams {
  readonly text: string;
  readonly tooltip: string;
  readonly busy: boolean;
  readonly red: readonly string[];
  readonly reports: boolean;
  readonly undoable: boolean;
  readonly menu: readonly Action[];
}

export type TestNode = Readonly<{ id: string; label: string; line: number; children: readonly TestNode[] }>;
type TestFile = Readonly<{ uri: string; label: string; nodes: readonly TestNode[] }>;
export type TestsParams = Readonly<{ gone: readonly string[]; files: readonly TestFile[] }>;

export interface TestState extends Place {
  readonly id: string;
  readonly parent: string;
  readonly label: string;
  readonly state: "passed" | "failed" | "errored" | "skipped";
  readonly milliseconds: number;
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
  readonly stack: readonly (Place & { readonly label: string })[];
  readonly output: string;
}

export interface TestRunParams {
  readonly uri: string;
  readonly run: string;
  readonly phase: "begin" | "results" | "end";
  readonly title: string;
  readonly token: string | number | null;
  readonly results: readonly TestState[];
}

export type JobRequest = RequestType<Arguments & WorkDoneProgressParams, unknown, void>;

export const FixRequest: JobRequest = new RequestType("regreen/fix");
export const PrepareRequest: JobRequest = new RequestType("regreen/prepare");
export const RunTestsRequest: JobRequest = new RequestType("regreen/runTests");
export const ReportRequest = new RequestType<Arguments, ReportResult, void>("regreen/report");
export const SecretRequest = new RequestType<{ provider: string }, { value: string | null }, void>("regreen/secret");
export const OverviewNotification = new NotificationType<OverviewParams>("regreen/overview");
export const FollowTestsNotification = new NotificationType<{ languages: readonly string[] }>("regreen/followTests");
export const TestsNotification = new NotificationType<TestsParams>("regreen/tests");
export const TestRunNotification = new NotificationType<TestRunParams>("regreen/testRun");

/** What this client does itself, instead of the messages that plain clients get. */
export const EXPERIMENTAL = {
  regreen: { reports: true, overview: true, endings: true, commandLinks: true, secrets: true },
};
