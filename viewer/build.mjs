// Bundle the viewer: `npm ci && npm run build` writes pose3d_cli/export/viewer/viewer.min.js.
// `node build.mjs FILE` writes elsewhere, for the test that compares the two.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const licence = readFileSync(here("node_modules/three/LICENSE"), "utf8").trim();

await build({
  entryPoints: [here("src/main.js")],
  outfile: process.argv[2] ?? here("../pose3d_cli/export/viewer/viewer.min.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "ascii",
  legalComments: "none", // the banner has the whole licence, not only the line that the sources keep
  banner: { js: `/*! pose3d viewer, AGPL-3.0-or-later. Contains three.js:\n\n${licence}\n*/` },
});
