// SPDX-License-Identifier: MIT
// The room in which people move: a floor, light, and a camera to walk around with.
import {
  Color,
  DirectionalLight,
  Fog,
  HemisphereLight,
  Mesh,
  PCFShadowMap,
  PerspectiveCamera,
  PlaneGeometry,
  Scene,
  ShadowMaterial,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { colour } from "./canvas.js";
import { rowAt } from "./data.js";
import { Figures, jointAt } from "./figures.js";
import { gridMaterial } from "./grid.js";

const FIELD_DEG = 35;
const ROOM_M = 30;

/** Where to look from: direction of the camera from its target. */
export const PRESETS = {
  free: [0.5, 0.32, 1],
  front: [0, 0.12, 1],
  left: [1, 0.12, 0],
  right: [-1, 0.12, 0],
  back: [0, 0.12, -1],
  top: [0, 1, 0.001],
};

export class Stage {
  constructor(canvas, clip) {
    Object.assign(this, { canvas, clip, frame: 0, follow: true, path: pathOf(clip) });
    this.renderer = new WebGLRenderer({ canvas, antialias: true });
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.scene = new Scene();
    this.camera = new PerspectiveCamera(FIELD_DEG, 1, 0.05, 200);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enableDamping = false;
    this.controls.maxPolarAngle = Math.PI * 0.52;
    this.controls.addEventListener("change", () => this.#soon());
    this.#light();
    this.figures = new Figures(clip);
    this.scene.add(this.figures);
    this.#frameEverybody();
    this.look("free");
  }

  /** Put the camera where a preset says, keeping the target in view. */
  look(preset) {
    const away = new Vector3(...PRESETS[preset]).normalize().multiplyScalar(this.distance);
    this.camera.position.copy(this.controls.target).add(away);
    this.controls.update();
    this.#soon();
  }

  /** Follow people with the camera, or let them walk through the picture. */
  setFollow(follow) {
    this.follow = follow;
    this.followed.copy(this.path[this.frame]);
  }

  show(frame) {
    this.frame = frame;
    if (this.follow) {
      const step = this.path[frame].clone().sub(this.followed);
      this.controls.target.add(step);
      this.camera.position.add(step);
      this.followed.copy(this.path[frame]);
      this.lamp.position.add(step);
      this.lamp.target.position.add(step);
    }
    this.figures.pose(frame);
    this.controls.update();
    this.#soon();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / Math.max(1, height);
    // a narrow picture shows as much from side to side as a square one
    const half = Math.tan((FIELD_DEG * Math.PI) / 360) / Math.min(1, this.camera.aspect);
    this.camera.fov = (Math.atan(half) * 360) / Math.PI;
    this.camera.updateProjectionMatrix();
    this.#soon();
  }

  /** Take the colours of the page. */
  dress() {
    this.scene.background = new Color(colour("room"));
    this.scene.fog = new Fog(colour("room"), ROOM_M * 0.3, ROOM_M);
    this.floor.material.uniforms.line.value.set(colour("grid"));
    this.floor.material.uniforms.ground.value.set(colour("ground"));
    this.floor.material.uniforms.room.value.set(colour("room"));
    this.figures.dress();
    this.figures.pose(this.frame);
    this.#soon();
  }

  #light() {
    this.scene.add(new HemisphereLight("#ffffff", "#8a93a6", 2.0));
    this.lamp = new DirectionalLight("#ffffff", 2.2);
    this.lamp.position.set(1.5, 4, 2);
    this.lamp.castShadow = true;
    this.lamp.shadow.mapSize.set(1024, 1024);
    Object.assign(this.lamp.shadow.camera, { left: -3, right: 3, top: 3, bottom: -3, far: 12 });
    this.floor = new Mesh(new PlaneGeometry(2 * ROOM_M, 2 * ROOM_M), gridMaterial());
    const shade = new Mesh(
      new PlaneGeometry(2 * ROOM_M, 2 * ROOM_M),
      new ShadowMaterial({ opacity: 0.28 }),
    );
    shade.receiveShadow = true;
    shade.position.y = 0.002;
    for (const plane of [this.floor, shade]) plane.geometry.rotateX(-Math.PI / 2);
    this.scene.add(this.lamp, this.lamp.target, this.floor, shade);
  }

  /** Choose target and distance so that people who are followed fit into the picture. */
  #frameEverybody() {
    const { people, skeleton } = this.clip;
    let aside = 0.6;
    let above = 0.9;
    for (const person of people) {
      for (let row = 0; row < person.count; row++) {
        const middle = this.path[person.start + row];
        skeleton.parents.forEach((_, joint) => {
          const { x, y, z } = jointAt(person, row, joint).sub(middle);
          aside = Math.max(aside, Math.hypot(x, z));
          above = Math.max(above, Math.abs(y));
        });
      }
    }
    this.followed = this.path[0].clone();
    this.controls.target.copy(this.followed);
    this.distance = (Math.max(aside, above) * 1.15) / Math.tan((FIELD_DEG * Math.PI) / 360) + aside;
    for (const thing of [this.lamp.position, this.lamp.target.position]) thing.add(this.followed);
  }

  #soon() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      this.renderer.render(this.scene, this.camera);
    });
  }
}

/** Where a camera that follows looks in every frame: the middle of everybody's hips.
 *
 * Its height is a mean over two seconds, so that steps and jumps are seen as such. */
function pathOf({ people, times_s, fps }) {
  let last = new Vector3(0, 0.9, 0);
  const middles = times_s.map((_, frame) => {
    const hips = people
      .map((person) => [person, rowAt(person, frame)])
      .filter(([, row]) => row >= 0)
      .map(([person, row]) => jointAt(person, row, 0));
    if (hips.length) {
      last = hips.reduce((sum, hip) => sum.add(hip), new Vector3()).divideScalar(hips.length);
    }
    return last;
  });
  const reach = Math.round(fps);
  return middles.map(({ x, z }, frame) => {
    const near = middles.slice(Math.max(0, frame - reach), frame + reach + 1);
    return new Vector3(x, near.reduce((sum, middle) => sum + middle.y, 0) / near.length, z);
  });
}
