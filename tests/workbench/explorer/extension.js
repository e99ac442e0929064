// A test controller that Regreen knows nothing of: each function of a test file that is opened is a test, and each fails.
const vscode = require("vscode");

exports.activate = function activate(context) {
  const controller = vscode.tests.createTestController("other", "Other");
  const add = ({ uri, languageId, getText }) => {
    if (languageId !== "python") {
      return;
    }
    getText().split("\n").forEach((line, n) => {
      const name = /^def (test_\w+)/.exec(line)?.[1];
      if (name !== undefined) {
        const item = controller.createTestItem(`${uri}#${name}`, `other ${name}`, uri);
        item.range = new vscode.Range(n, 0, n, line.length);
        controller.items.add(item);
      }
    });
  };
  const fail = (request) => {
    const run = controller.createTestRun(request);
    for (const item of request.include ?? [...controller.items].map(([, each]) => each)) {
      const message = new vscode.TestMessage("as the other extension tells it");
      message.location = new vscode.Location(item.uri, item.range);
      run.failed(item, message, 1);
    }
    run.end();
  };
  controller.createRunProfile("Run", vscode.TestRunProfileKind.Run, fail, true);
  vscode.workspace.textDocuments.forEach(add);
  context.subscriptions.push(controller, vscode.workspace.onDidOpenTextDocument(add));
};
