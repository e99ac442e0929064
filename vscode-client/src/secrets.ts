// API keys: in the editor's secret storage, and handed to the server only when it asks.
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { SecretRequest } from "./protocol";

export class Secrets {
  private providers: readonly string[] = [];

  constructor(private readonly storage: vscode.SecretStorage) {}

  /** Answer a client's server, which says which providers take a key. */
  follow(client: LanguageClient): void {
    client.onRequest(SecretRequest, async ({ provider }) => ({ value: (await this.storage.get(nameOf(provider))) ?? null }));
    const { regreen } = client.initializeResult?.capabilities.experimental as { regreen: { providersWithKeys: string[] } };
    this.providers = regreen.providersWithKeys;
    void vscode.commands.executeCommand("setContext", "regreen.providersWithKeys", this.providers.length !== 0);
  }

  async set(): Promise<void> {
    const provider = await vscode.window.showQuickPick(this.providers, { title: "Set the API key of which provider?" });
    const options = { title: `API key of ${provider}`, password: true, ignoreFocusOut: true };
    const key = provider && (await vscode.window.showInputBox(options));
    if (provider && key) {
      await this.storage.store(nameOf(provider), key.trim());
    }
  }

  async remove(): Promise<void> {
    const provider = await vscode.window.showQuickPick(this.providers, { title: "Remove the API key of which provider?" });
    if (provider !== undefined) {
      await this.storage.delete(nameOf(provider));
    }
  }
}

function nameOf(provider: string): string {
  return `regreen.apiKey.${provider}`;
}
