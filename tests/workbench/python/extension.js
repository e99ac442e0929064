// The part of the Python extension's API by which other extensions learn which interpreter a person chose.
const vscode = require("vscode");

exports.activate = function activate(context) {
  const changed = new vscode.EventEmitter();
  const chosen = () => vscode.workspace.getConfiguration("python").get("defaultInterpreterPath");
  context.subscriptions.push(
    changed,
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("python.defaultInterpreterPath")) {
        changed.fire({ path: chosen() });
      }
    }),
  );
  return {
    environments: {
      getActiveEnvironmentPath: () => ({ id: chosen(), path: chosen() }),
      onDidChangeActiveEnvironmentPath: changed.event,
    },
  };
};
