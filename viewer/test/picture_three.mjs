// Draw a BVH and a GLB with three.js in headless Chromium, for the documentation.
//
//   node picture_three.mjs CHROMIUM RESULT.bvh RESULT.glb SECONDS PICTURE.jpg
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const [executablePath, bvh, glb, seconds, picture] = process.argv.slice(2);

const PAGE = `
import * as THREE from "three";
import { BVHLoader } from "three/addons/loaders/BVHLoader.js";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";

window.draw = async (bvh, glb, seconds) => {
  const renderer = new THREE.WebGLRenderer({ antialias: true });
  renderer.setSize(innerWidth, innerHeight);
  document.body.append(renderer.domElement);
  const scene = new THREE.Scene();
  scene.background = new THREE.Color("#e6e9ef");
  const grid = new THREE.GridHelper(20, 20, "#8a94a6", "#b9c1ce");
  const sun = new THREE.DirectionalLight("#fff", 2.5);
  sun.position.set(2, 5, 3);
  scene.add(grid, sun, new THREE.HemisphereLight("#fff", "#889", 1.5));

  const { skeleton, clip } = new BVHLoader().parse(bvh);
  const bones = new THREE.Group();
  bones.add(skeleton.bones[0]);
  bones.scale.setScalar(0.01); // centimetres
  const lines = new THREE.SkeletonHelper(skeleton.bones[0]);
  scene.add(bones, lines);

  const bytes = Uint8Array.from(atob(glb), (letter) => letter.charCodeAt(0)).buffer;
  const figure = await new GLTFLoader().parseAsync(bytes, "");
  figure.scene.position.x = 1.4;
  scene.add(figure.scene);

  for (const [root, motion] of [[skeleton.bones[0], clip], [figure.scene, figure.animations[0]]]) {
    const mixer = new THREE.AnimationMixer(root);
    mixer.clipAction(motion).play();
    mixer.setTime(seconds);
  }
  scene.updateMatrixWorld(true);
  const hips = skeleton.bones[0].getWorldPosition(new THREE.Vector3());
  for (const bone of skeleton.bones) {
    const ball = new THREE.Mesh(
      new THREE.SphereGeometry(0.03, 20, 12),
      new THREE.MeshStandardMaterial({ color: /^Left/.test(bone.name) ? "#1f86e0" : /^Right/.test(bone.name) ? "#ef7a24" : "#7d8798" }),
    );
    ball.position.copy(bone.getWorldPosition(new THREE.Vector3()));
    scene.add(ball);
  }
  const camera = new THREE.PerspectiveCamera(30, innerWidth / innerHeight, 0.1, 100);
  camera.position.copy(hips).add(new THREE.Vector3(1.6, 0.7, 5.2));
  camera.lookAt(hips.x + 0.7, hips.y - 0.3, hips.z);
  renderer.render(scene, camera);
};
`;

const { outputFiles } = await build({
  stdin: { contents: PAGE, resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
  bundle: true,
  format: "iife",
  write: false,
});
const browser = await chromium.launch({
  executablePath,
  args: ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
});
const page = await browser.newPage({ viewport: { width: 960, height: 640 } });
await page.setContent("<body style='margin:0;overflow:hidden'></body>");
await page.addScriptTag({ content: outputFiles[0].text });
await page.evaluate(
  ([motion, figure, at]) => window.draw(motion, figure, at),
  [readFileSync(bvh, "utf8"), readFileSync(glb).toString("base64"), Number(seconds)],
);
await page.screenshot({ path: picture, type: picture.endsWith("png") ? "png" : "jpeg" });
await browser.close();
