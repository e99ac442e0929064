// Owns the server process: finds a Python, starts the client, restarts it one at a time.
import * as vscode from "vscode";
import { LanguageClient, RevealOutputChannelOn, type LanguageClientOptions } from "vscode-languageclient/node";
import { executeCommand } from "./commands";
import { candidates, choose, prober } from "./interpreter";
import { EXPERIMENTAL } from "./protocol";
import type { Reports } from "./reports";
import type { Status } from "./status";

/** The part of the Python extension's API that is asked for; the extension itself is optional. */
interface PythonApi {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(environment: { readonly path: string }): Promise<
      { readonly executable: { readonly uri: vscode.Uri | undefined } } | undefined
    >;
    onDidChangeActiveEnvironmentPath(listener: () => void): vscode.Disposable;
  };
}

export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private interpreter = "";
  private queue: Promise<void> = Promise.resolve();
  private waiting = false;
  private readonly subscriptions: vscode.Disposable[] = [];

  constructor(
    private readonly launcher: string,
    private readonly log: vscode.LogOutputChannel,
    private readonly status: Status,
    private readonly reports: Reports,
  ) {
    this.subscriptions.push(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("regreen.interpreter")) {
          void this.restart();
        }
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => void this.restart()),
    );
  }

  /** Restart the server; requests that come meanwhile become one more restart. */
  restart(): Promise<void> {
    if (!this.waiting) {
      this.waiting = true;
      this.queue = this.queue.then(() => {
        this.waiting = false;
        return this.startAgain();
      });
    }
    return this.queue;
  }

  /** Follow the Python extension: restart when its environment leads to another interpreter. */
  async followPythonExtension(): Promise<void> {
    const environments = (await pythonApi())?.environments;
    const subscription = environments?.onDidChangeActiveEnvironmentPath(() => void this.restartIfMoved());
    if (subscription !== undefined) {
      this.subscriptions.push(subscription);
    }
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client?.needsStop()) {
      await client.stop();
    }
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  private async restartIfMoved(): Promise<void> {
    const choice = await this.findPython();
    if (choice.chosen?.path !== this.interpreter) {
      await this.restart();
    }
  }

  private async startAgain(): Promise<void> {
    try {
      await this.stop();
      await this.start();
    } catch (error) {
      this.status.failed(String(error));
      this.log.error(String(error));
      void this.explain(`The Regreen server did not start: ${String(error)}`, "Show Log", "regreen.showLog");
    }
  }

  private async start(): Promise<void> {
    this.status.starting();
    const choice = await this.findPython();
    this.interpreter = choice.chosen?.path ?? "";
    if (choice.chosen === undefined) {
      this.status.failed(choice.message);
      this.log.error(choice.message);
      void this.explain(choice.message, "Choose Interpreter", "workbench.action.openSettings", "regreen.interpreter");
      return;
    }
    this.log.info(`Server runs on ${choice.message}.`);
    const run = { command: choice.chosen.path, args: [this.launcher, "serve"] };
    const client = new LanguageClient("regreen", "Regreen", { run, debug: run }, this.options());
    this.client = client;
    client.registerFeature({
      fillClientCapabilities: (capabilities) => {
        capabilities.experimental = { ...capabilities.experimental, ...EXPERIMENTAL };
      },
      initialize: () => undefined,
      getState: () => ({ kind: "static" }),
      clear: () => undefined,
    });
    this.status.follow(client);
    await client.start();
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: [{ scheme: "file", language: "python" }],
      initializationOptions: () => ({
        settings: vscode.workspace.getConfiguration("regreen"),
        trusted: vscode.workspace.isTrusted,
      }),
      outputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      middleware: {
        executeCommand: (command, args, next) => executeCommand(this.client, this.reports, command, args, next),
      },
    };
  }

  private async findPython() {
    const setting = vscode.workspace.getConfiguration("regreen").get("interpreter", "");
    const offered = candidates(setting, await activeEnvironment(), process.platform);
    return choose(offered, prober(this.launcher));
  }

  private async explain(message: string, button: string, command: string, ...args: unknown[]): Promise<void> {
    if ((await vscode.window.showErrorMessage(message, button)) === button) {
      await vscode.commands.executeCommand(command, ...args);
    }
  }
}

async function activeEnvironment(): Promise<string | undefined> {
  const environments = (await pythonApi())?.environments;
  const active = environments?.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
  const resolved = active === undefined ? undefined : await environments?.resolveEnvironment(active);
  return resolved?.executable.uri?.fsPath;
}

async function pythonApi(): Promise<PythonApi | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  return extension?.activate();
}
