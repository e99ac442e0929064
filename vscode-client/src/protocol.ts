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

type OverviewFlags = Readonly<{ busy: boolean; reports: boolean; undoable: boolean }>;
export type OverviewParams = OverviewFlags &
  Readonly<{ text: string; tooltip: string; red: readonly string[]; menu: readonly Action[] }>;

export type TestNode = Readonly<{ id: string; label: string; line: number; children: readonly TestNode[] }>;
type TestFile = Readonly<{ uri: string; label: string; nodes: readonly TestNode[] }>;
export type TestsParams = Readonly<{ gone: readonly string[]; files: readonly TestFile[] }>;

type TestMessage = Place & Readonly<{ message: string; expected: string; actual: string; output: string }>;
export interface TestState extends TestMessage {
  readonly id: string;
  readonly parent: string;
  readonly label: string;
  readonly state: "passed" | "failed" | "errored" | "skipped";
  readonly milliseconds: number;
  readonly stack: readonly (Place & { readonly label: string })[];
}

type Phase = Readonly<{ phase: "begin" | "results" | "end"; title: string; token: string | number | null }>;
export type TestRunParams = Phase & Readonly<{ uri: string; run: string; results: readonly TestState[] }>;

type Follow = Readonly<{ show: string; extensions: readonly string[] }>;
type Job = Arguments & WorkDoneProgressParams;

export const RunTestsRequest = new RequestType<Job, unknown, void>("regreen/runTests");
export const ReportRequest = new RequestType<Arguments, ReportResult, void>("regreen/report");
export const SecretRequest = new RequestType<{ provider: string }, { value: string | null }, void>("regreen/secret");
export const OverviewNotification = new NotificationType<OverviewParams>("regreen/overview");
export const FollowTestsNotification = new NotificationType<Follow>("regreen/followTests");
export const TestsNotification = new NotificationType<TestsParams>("regreen/tests");
export const TestRunNotification = new NotificationType<TestRunParams>("regreen/testRun");

/** What this client does itself, instead of the messages that plain clients get. */
export const EXPERIMENTAL = {
  regreen: { reports: true, overview: true, endings: true, commandLinks: true, secrets: true },
};
