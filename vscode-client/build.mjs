// Bundles the extension into out/extension.js, beside the licences of what it holds and its page, or with
// --tests the tests of its pure parts into out/test/.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const common = { bundle: true, platform: "node", target: "node20", format: "cjs", logLevel: "warning" };

if (process.argv.includes("--tests")) {
  const entryPoints = readdirSync("test").map((name) => `test/${name}`);
  await build({ ...common, entryPoints, outdir: "out/test", outExtension: { ".js": ".test.cjs" } });
} else {
  const entryPoints = ["src/extension.ts"];
  const outfile = "out/extension.js";
  const { metafile } = await build({ ...common, entryPoints, outfile, external: ["vscode"], minify: true, metafile: true });
  writeFileSync("out/LICENSES.txt", licences(Object.keys(metafile.inputs)));
  writeFileSync("out/README.md", withoutPictures(readFileSync("README.md", "utf8")));
}

/** Leave the pictures out: the page of an installed extension shows none but those that it fetches from a network. */
function withoutPictures(page) {
  return page.replace(/!\[[^\]]*\]\([^)]*\)\n\n/g, "");
}

/** Return the licence text of every package that the bundle holds. */
function licences(inputs) {
  const folders = inputs.map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]).filter(Boolean);
  return [...new Set(folders)].sort().map(licence).join("\n");
}

function licence(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file !== undefined ? readFileSync(`${folder}/${file}`, "utf8") : "";
  return `${name} ${version} (${license})\n${text}`;
}
