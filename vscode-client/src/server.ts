// Owns the server process: finds a Python, starts the client, restarts it one at a time.
import * as vscode from "vscode";
import { LanguageClient, RevealOutputChannelOn, type LanguageClientOptions } from "vscode-languageclient/node";
import { executeCommand } from "./commands";
import { activeEnvironment, onEnvironmentChange } from "./environments";
import type { Explorer } from "./explorer";
import { candidates, choose, prober } from "./interpreter";
import { DOCUMENTS, withoutSecrets } from "./languages";
import { EXPERIMENTAL } from "./protocol";
import type { Reports } from "./reports";
import type { Secrets } from "./secrets";
import type { Status } from "./status";

export type Views = Readonly<{ status: Status; reports: Reports; explorer: Explorer; secrets: Secrets }>;

const SETTLED = 500; // milliseconds without another change, after which a restart is worth it
const LINKS = ["regreen.fix", "regreen.prepare", "regreen.showReport", "regreen.undo"];

export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private interpreter = "";
  private queue: Promise<void> = Promise.resolve();
  private soon: NodeJS.Timeout | undefined;
  private readonly subscriptions: vscode.Disposable[] = [];

  constructor(
    private readonly launcher: string,
    private readonly log: vscode.LogOutputChannel,
    private readonly views: Views,
  ) {
    this.subscriptions.push(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("regreen.interpreter")) {
          this.restartSoon();
        }
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.restart()),
    );
  }

  /** Restart the server, one restart after the other. */
  restart(): Promise<void> {
    this.queue = this.queue.then(() => this.startAgain());
    return this.queue;
  }

  /** Follow the Python extension: restart when its environment leads to another interpreter. */
  async followPythonExtension(): Promise<void> {
    this.subscriptions.push(await onEnvironmentChange(() => this.restartSoon()));
  }

  /** Check the set-up in a terminal, where the answer can be read and copied. */
  async runDoctor(): Promise<void> {
    const folder = vscode.workspace.workspaceFolders?.[0];
    if (folder === undefined || this.interpreter === "") {
      await this.restart();
      return;
    }
    const run = new vscode.ProcessExecution(this.interpreter, [this.launcher, "doctor", folder.uri.fsPath]);
    await vscode.tasks.executeTask(new vscode.Task({ type: "regreen" }, folder, "Doctor", "Regreen", run));
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client?.needsStop()) {
      await client.stop();
    }
  }

  dispose(): void {
    clearTimeout(this.soon);
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private restartSoon(): void {
    clearTimeout(this.soon);
    this.soon = setTimeout(async () => {
      if ((await this.findPython()).chosen?.path !== this.interpreter) {
        await this.restart();
      }
    }, SETTLED);
  }

  private async startAgain(): Promise<void> {
    try {
      await this.stop();
      await this.start();
    } catch (error) {
      void this.explain(`The Regreen server did not start: ${String(error)}`, "Show Log", "regreen.showLog");
    }
  }

  private async start(): Promise<void> {
    this.views.status.starting();
    const { chosen, message } = await this.findPython();
    this.interpreter = chosen?.path ?? "";
    if (chosen === undefined) {
      // In a remote window the settings of the machine are on a page of their own.
      const page = vscode.env.remoteName === undefined ? "openSettings" : "openRemoteSettings";
      void this.explain(message, "Choose Interpreter", `workbench.action.${page}`, { query: "regreen.interpreter" });
      return;
    }
    this.log.info(`Server runs on ${message}.`);
    const run = { command: chosen.path, args: [this.launcher, "serve"] };
    const client: LanguageClient = new LanguageClient("regreen", "Regreen", { run, debug: run }, this.options(() => client));
    this.client = client;
    client.registerFeature({
      fillClientCapabilities: (capabilities) => {
        capabilities.experimental = { ...capabilities.experimental, ...EXPERIMENTAL };
      },
      initialize: () => undefined,
      getState: () => ({ kind: "static" }),
      clear: () => undefined,
    });
    this.views.status.follow(client);
    await client.start();
    this.views.secrets.follow(client);
    this.views.explorer.follow(client);
    await this.views.reports.follow(client);
  }

  private options(client: () => LanguageClient): LanguageClientOptions {
    return {
      documentSelector: DOCUMENTS,
      initializationOptions: () => ({
        settings: vscode.workspace.getConfiguration("regreen"),
        trusted: vscode.workspace.isTrusted,
      }),
      outputChannel: this.log,
      traceOutputChannel: traceOf(this.log),
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      markdown: { isTrusted: { enabledCommands: LINKS } },
      middleware: {
        executeCommand: (command, args, next) => executeCommand(client(), this.views.reports, command, args, next),
      },
    };
  }

  private async findPython() {
    const setting = vscode.workspace.getConfiguration("regreen").get("interpreter", "");
    return choose(candidates(setting, await activeEnvironment(), process.platform), prober(this.launcher));
  }

  private async explain(message: string, button: string, command: string, ...args: unknown[]): Promise<void> {
    this.views.status.failed(message);
    this.log.error(message);
    if ((await vscode.window.showErrorMessage(message, button)) === button) {
      await vscode.commands.executeCommand(command, ...args);
    }
  }
}

/** The same log, in which the trace of messages holds no API key. */
function traceOf(log: vscode.LogOutputChannel): vscode.LogOutputChannel {
  const trace = (message: string) => log.trace(withoutSecrets(message));
  return new Proxy(log, { get: (target, name) => (name === "trace" ? trace : Reflect.get(target, name)) });
}
