// Read a BVH or GLB with three.js; print where it puts every joint in every frame, as JSON.
//
//   node import_three.mjs FILE [TIME…]     times in seconds; for a BVH, its own frames
import { readFileSync } from "node:fs";
import { AnimationMixer, LoopOnce, Vector3 } from "three";
import { BVHLoader } from "three/addons/loaders/BVHLoader.js";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";

globalThis.self = globalThis; // GLTFLoader was written for browsers
const [file, ...times] = process.argv.slice(2);

function fromBvh() {
  const { skeleton, clip } = new BVHLoader().parse(readFileSync(file, "utf8"));
  const root = skeleton.bones[0];
  const own = [...clip.tracks[0].times];
  const bones = skeleton.bones.map((bone) => [
    bone.name === "ENDSITE" ? `${bone.parent.name}End` : bone.name,
    bone,
  ]);
  return { root, clip, bones, own };
}

async function fromGlb() {
  const bytes = readFileSync(file);
  const { scene, animations } = await new GLTFLoader().parseAsync(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
    "",
  );
  const rigs = new Map(); // by root: every material of a figure is a mesh of its own
  scene.traverse((node) => {
    if (node.isSkinnedMesh) rigs.set(node.skeleton.bones[0], node.skeleton.bones);
  });
  const bones = [...rigs.values()].flatMap((rig, person) =>
    // names that come twice are numbered
    rig.map((bone) => [`${person + 1}.${bone.name.replace(/_\d+$/, "")}`, bone]),
  );
  return { root: scene, clip: animations[0], bones, own: [] };
}

const { root, clip, bones, own } = await (file.endsWith(".bvh") ? fromBvh() : fromGlb());
const mixer = new AnimationMixer(root);
mixer.clipAction(clip).setLoop(LoopOnce).play().clampWhenFinished = true;
const places = Object.fromEntries(bones.map(([name]) => [name, []]));
const asked = times.length ? times.map(Number) : own;
for (const time of asked) {
  mixer.setTime(time);
  root.updateMatrixWorld(true);
  for (const [name, bone] of bones) {
    places[name].push(new Vector3().setFromMatrixPosition(bone.matrixWorld).toArray());
  }
}
const step = own.length > 1 ? (own.at(-1) - own[0]) / (own.length - 1) : null;
console.log(JSON.stringify({ places, fps: step && 1 / step, duration: clip.duration }));
