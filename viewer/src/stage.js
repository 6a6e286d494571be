// The room in which people move: a floor, light, skeletons, and a camera to walk around with.
import {
  Color,
  CylinderGeometry,
  DirectionalLight,
  Fog,
  HemisphereLight,
  InstancedMesh,
  Matrix4,
  Mesh,
  MeshStandardMaterial,
  PCFShadowMap,
  PerspectiveCamera,
  PlaneGeometry,
  Quaternion,
  Scene,
  ShadowMaterial,
  SphereGeometry,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { colour, SIDES } from "./canvas.js";
import { rowAt } from "./data.js";
import { gridMaterial } from "./grid.js";

const UP = new Vector3(0, 1, 0);
const BONE_M = 0.03;
const JOINT_M = 0.038;
const HEAD_M = 0.095;
const UNSURE = 0.35; // how much of its colour a joint keeps that was not seen
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
    this.#skeletons();
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
    this.#pose(frame);
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
    this.colours = SIDES.map((side) => new Color(colour(side)));
    this.#pose(this.frame);
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

  #skeletons() {
    const { skeleton, people } = this.clip;
    const count = skeleton.parents.length * people.length;
    const surface = () => new MeshStandardMaterial({ roughness: 0.55 });
    this.balls = new InstancedMesh(new SphereGeometry(1, 24, 16), surface(), count);
    this.rods = new InstancedMesh(new CylinderGeometry(0.8, 1, 1, 20, 1), surface(), count);
    for (const mesh of [this.balls, this.rods]) {
      mesh.castShadow = true;
      mesh.frustumCulled = false;
      this.scene.add(mesh);
    }
  }

  #pose(frame) {
    const { skeleton, people } = this.clip;
    const nowhere = new Matrix4().makeScale(0, 0, 0);
    people.forEach((person, number) => {
      const row = rowAt(person, frame);
      skeleton.parents.forEach((parent, joint) => {
        const place = number * skeleton.parents.length + joint;
        this.rods.setMatrixAt(place, nowhere);
        this.balls.setMatrixAt(place, nowhere);
        if (row < 0) return;
        const at = jointAt(person, row, joint);
        const isHead = joint === skeleton.head;
        const radius = isHead ? HEAD_M : JOINT_M;
        const tint = this.#tint(person, row, joint);
        if (parent >= 0) {
          const from = jointAt(person, row, parent);
          this.rods.setMatrixAt(place, rod(from, at));
          this.rods.setColorAt(place, tint);
          if (isHead) at.lerp(from, 0.45); // the head is around its top joint and the nose
        }
        this.balls.setMatrixAt(
          place,
          new Matrix4().makeScale(radius, radius, radius).setPosition(at),
        );
        this.balls.setColorAt(place, tint);
      });
    });
    for (const mesh of [this.balls, this.rods]) {
      mesh.instanceMatrix.needsUpdate = true;
      if (mesh.instanceColor) mesh.instanceColor.needsUpdate = true;
    }
  }

  #tint(person, row, joint) {
    if (!this.colours) return new Color("#ffffff");
    const seen = person.confidence.values[row * person.confidence.rowLength + joint];
    const full = this.colours[this.clip.skeleton.sides[joint]].clone();
    const grey = new Color(colour("unsure"));
    return full.lerp(grey, (1 - UNSURE) * Math.min(1, Math.max(0, 1 - 1.6 * seen)));
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

function jointAt({ joints }, row, joint) {
  return new Vector3().fromArray(joints.values, row * joints.rowLength + 3 * joint);
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

/** Transform of the unit cylinder to a bone. */
function rod(from, to) {
  const along = to.clone().sub(from);
  const length = along.length();
  const turn = new Quaternion().setFromUnitVectors(UP, along.divideScalar(length || 1));
  const middle = from.clone().lerp(to, 0.5);
  return new Matrix4().compose(middle, turn, new Vector3(BONE_M, length, BONE_M));
}
