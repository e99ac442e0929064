// The languages of the server. No editor API here, so that tests reach it without an editor.

const LANGUAGES = ["python", "go", "javascript", "javascriptreact", "typescript", "typescriptreact", "rust"];
const MANIFESTS =
  "**/{pyproject.toml,setup.cfg,setup.py,pytest.ini,tox.ini,requirements*.txt,go.mod,go.work,package.json,Cargo.toml}";

/** The documents that the server is told of: sources and manifests on the disk. */
export const DOCUMENTS = [
  ...LANGUAGES.map((language) => ({ scheme: "file", language })),
  { scheme: "file", pattern: MANIFESTS },
];

/** The extensions that bring a test explorer of their own, by the server's name of the language. */
export const NATIVE: Readonly<Record<string, readonly string[]>> = {
  python: ["ms-python.python"],
  go: ["golang.go"],
  javascript: ["vitest.explorer", "orta.vscode-jest", "connor4312.nodejs-testing", "hbenl.vscode-mocha-test-adapter"],
  typescript: ["vitest.explorer", "orta.vscode-jest", "connor4312.nodejs-testing", "hbenl.vscode-mocha-test-adapter"],
  rust: ["rust-lang.rust-analyzer"],
};

/** List the languages whose tests the explorer shows: with “auto” those that no other extension shows. */
export function followed(setting: string, isInstalled: (extension: string) => boolean): string[] {
  const all = Object.keys(NATIVE);
  if (setting === "auto") {
    return all.filter((language) => !NATIVE[language]?.some(isInstalled));
  }
  return setting === "on" ? all : [];
}

/** Keep an API key out of the log of messages: what is said about `regreen/secret` is only that it was asked. */
export function withoutSecrets(message: string): string {
  return message.includes("regreen/secret") ? (message.split("\n", 1)[0] ?? "") : message;
}
