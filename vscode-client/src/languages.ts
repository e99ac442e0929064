// The languages of the server. No editor API here, so that tests reach it without an editor.

const LANGUAGES = ["python", "go", "javascript", "javascriptreact", "typescript", "typescriptreact", "rust"];
const MANIFESTS =
  "**/{pyproject.toml,setup.cfg,setup.py,pytest.ini,tox.ini,requirements*.txt,go.mod,go.work,package.json,Cargo.toml}";

/** The documents that the server is told of: sources and manifests on the disk. */
export const DOCUMENTS = [
  ...LANGUAGES.map((language) => ({ scheme: "file", language })),
  { scheme: "file", pattern: MANIFESTS },
];

/** Keep an API key out of the log of messages: what is said about `regreen/secret` is only that it was asked. */
export function withoutSecrets(message: string): string {
  return message.includes("regreen/secret") ? (message.split("\n", 1)[0] ?? "") : message;
}
