// SPDX-License-Identifier: MIT
// Bundle the viewer: `npm ci && npm run build` writes pose3d_cli/export/viewer/viewer.min.js.
// `node build.mjs FILE` writes elsewhere, for the test that compares the two.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const licence = readFileSync(here("node_modules/three/LICENSE"), "utf8").trim();
const ours = `pose3d viewer, Copyright (c) 2026 the authors of pose3d, MIT License: the terms are those below,
of three.js, which it contains.`;

await build({
  entryPoints: [here("src/main.js")],
  outfile: process.argv[2] ?? here("../pose3d_cli/export/viewer/viewer.min.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "ascii",
  legalComments: "none", // the banner has the whole licence, not only the line that the sources keep
  banner: { js: `/*! ${ours}\n\n${licence}\n*/` },
});
