import assert from "node:assert/strict";
import { test } from "node:test";
import { DOCUMENTS, withoutSecrets } from "../src/languages";

test("the server is told of sources and manifests on the disk only", () => {
  assert.ok(DOCUMENTS.every(({ scheme }) => scheme === "file"));
  assert.ok(DOCUMENTS.some((filter) => "language" in filter && filter.language === "typescriptreact"));
});

test("an API key stays out of the log of messages", () => {
  const key = "sk-not-to-be-seen";
  const traced = `Sending response 'regreen/secret - (3)'. Processing request took 2ms.\nResult: { "value": "${key}" }`;
  assert.equal(withoutSecrets(traced), "Sending response 'regreen/secret - (3)'. Processing request took 2ms.");
  assert.equal(withoutSecrets("Sending request 'regreen/fix - (4)'.\nParams: {}"), "Sending request 'regreen/fix - (4)'.\nParams: {}");
});
