// The Python that the person chose in the Python extension, which need not be there.
import * as vscode from "vscode";

interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    onDidChangeActiveEnvironmentPath(listener: () => void): vscode.Disposable;
  };
}

/** Return the interpreter of the first folder's environment. */
export async function activeEnvironment(): Promise<string | undefined> {
  return (await environments())?.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri).path;
}

/** Call back when the person chooses another environment. */
export async function onEnvironmentChange(listener: () => void): Promise<vscode.Disposable> {
  return (await environments())?.onDidChangeActiveEnvironmentPath(listener) ?? vscode.Disposable.from();
}

async function environments(): Promise<PythonApi["environments"] | undefined> {
  try {
    return (await vscode.extensions.getExtension<PythonApi>("ms-python.python")?.activate())?.environments;
  } catch {
    return undefined; // The interpreter is looked for elsewhere then, and the log tells where it was found.
  }
}
