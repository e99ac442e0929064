// The Python that the person chose in a Python extension; neither extension has to be there.
import * as vscode from "vscode";

interface EnvironmentsApi {
  getEnvironment(scope?: vscode.Uri): Promise<{ execInfo?: { run?: { executable?: string } } } | undefined>;
  onDidChangeEnvironment(listener: () => void): vscode.Disposable;
}

interface PythonApi {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(environment: { readonly path: string }): Promise<
      { readonly executable: { readonly uri: vscode.Uri | undefined } } | undefined
    >;
    onDidChangeActiveEnvironmentPath(listener: () => void): vscode.Disposable;
  };
}

const environmentsApi = () => apiOf<EnvironmentsApi>("ms-python.vscode-python-envs");
const pythonApi = () => apiOf<PythonApi>("ms-python.python");

/** Return the interpreter of the first folder's environment. */
export async function activeEnvironment(): Promise<string | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const managed = await (await environmentsApi())?.getEnvironment(folder);
  if (managed?.execInfo?.run?.executable !== undefined) {
    return managed.execInfo.run.executable;
  }
  const environments = (await pythonApi())?.environments;
  const active = environments?.getActiveEnvironmentPath(folder);
  const resolved = active === undefined ? undefined : await environments?.resolveEnvironment(active);
  return resolved?.executable.uri?.fsPath;
}

/** Call back when the person chooses another environment. */
export async function onEnvironmentChange(listener: () => void): Promise<vscode.Disposable[]> {
  const managed = (await environmentsApi())?.onDidChangeEnvironment(listener);
  const active = (await pythonApi())?.environments?.onDidChangeActiveEnvironmentPath(listener);
  return [managed, active].filter((subscription) => subscription !== undefined);
}

/** Activate an extension and return its API; undefined when it is not there or does not start. */
async function apiOf<T>(id: string): Promise<T | undefined> {
  try {
    return await vscode.extensions.getExtension<T>(id)?.activate();
  } catch {
    return undefined; // The interpreter is looked for elsewhere then, and the log tells where it was found.
  }
}
