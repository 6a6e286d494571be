// SPDX-License-Identifier: MIT
// Everybody in 3D: a ball at every joint, a rod along every bone, a disc under feet that stand.
import {
  CircleGeometry,
  Color,
  CylinderGeometry,
  Group,
  InstancedMesh,
  Matrix4,
  MeshBasicMaterial,
  MeshStandardMaterial,
  Quaternion,
  SphereGeometry,
  Vector3,
} from "three";
import { colour, SIDES } from "./canvas.js";
import { rowAt } from "./data.js";

const UP = new Vector3(0, 1, 0);
const NOWHERE = new Matrix4().makeScale(0, 0, 0);
const BONE_M = 0.03;
const JOINT_M = 0.038;
const HEAD_M = 0.095;
const SOLE_M = 0.11;
const ANKLE_M = 0.08; // how high ankles are above what feet stand on
const STEP_M = 0.25; // ankles above this stand on something else than the floor
const FAINTEST = 0.35; // how much of its colour a joint keeps that nobody can be sure of
const FULL_FROM = 0.625; // how sure one must be of a joint in full colour

export class Figures extends Group {
  constructor(clip) {
    super();
    const { skeleton, people } = clip;
    const bones = skeleton.parents.length * people.length;
    const surface = () => new MeshStandardMaterial({ roughness: 0.55 });
    const mark = new MeshBasicMaterial({ transparent: true, opacity: 0.45 });
    const sole = new CircleGeometry(SOLE_M, 32).rotateX(-Math.PI / 2).translate(0, 0.004, 0);
    this.clip = clip;
    this.balls = new InstancedMesh(new SphereGeometry(1, 24, 16), surface(), bones);
    this.rods = new InstancedMesh(new CylinderGeometry(0.8, 1, 1, 20, 1), surface(), bones);
    this.soles = new InstancedMesh(sole, mark, 2 * people.length);
    for (const mesh of [this.balls, this.rods, this.soles]) {
      mesh.castShadow = mesh !== this.soles;
      mesh.frustumCulled = false;
      this.add(mesh);
    }
    this.dress();
  }

  /** Take the colours of the page, from the next pose on. */
  dress() {
    this.colours = SIDES.map((side) => new Color(colour(side)));
    this.grey = new Color(colour("unsure"));
  }

  /** Show everybody as they are in a frame of the clip. */
  pose(frame) {
    this.clip.people.forEach((person, number) => {
      const row = rowAt(person, frame);
      this.clip.skeleton.parents.forEach((parent, joint) => {
        this.#poseJoint(person, number, row, parent, joint);
      });
      this.#markFeet(person, number, row);
    });
    for (const mesh of [this.balls, this.rods, this.soles]) {
      mesh.instanceMatrix.needsUpdate = true;
      if (mesh.instanceColor) mesh.instanceColor.needsUpdate = true;
    }
  }

  #poseJoint(person, number, row, parent, joint) {
    const { skeleton } = this.clip;
    const place = number * skeleton.parents.length + joint;
    this.rods.setMatrixAt(place, NOWHERE);
    this.balls.setMatrixAt(place, NOWHERE);
    if (row < 0) return;
    const at = jointAt(person, row, joint);
    const isHead = joint === skeleton.head;
    const tint = this.#tint(person, row, joint);
    if (parent >= 0) {
      const from = jointAt(person, row, parent);
      this.rods.setMatrixAt(place, rod(from, at));
      this.rods.setColorAt(place, tint);
      if (isHead) at.lerp(from, 0.45); // the head is around its top joint and the nose
    }
    const radius = isHead ? HEAD_M : JOINT_M;
    this.balls.setMatrixAt(place, new Matrix4().makeScale(radius, radius, radius).setPosition(at));
    this.balls.setColorAt(place, tint);
  }

  #markFeet(person, number, row) {
    this.clip.skeleton.feet.forEach((joint, foot) => {
      const stands = row >= 0 && person.stands[row]?.[foot];
      const sole = stands && jointAt(person, row, joint);
      if (stands) sole.setY(sole.y < STEP_M ? 0 : sole.y - ANKLE_M);
      const place = 2 * number + foot;
      this.soles.setMatrixAt(place, stands ? new Matrix4().setPosition(sole) : NOWHERE);
      this.soles.setColorAt(place, this.colours[foot + 1]);
    });
  }

  #tint(person, row, joint) {
    const sure = person.certainty.values[row * person.certainty.rowLength + joint];
    const full = this.colours[this.clip.skeleton.sides[joint]].clone();
    return full.lerp(this.grey, (1 - FAINTEST) * Math.max(0, 1 - sure / FULL_FROM));
  }
}

/** World place of a joint in a row of a person's columns. */
export function jointAt({ joints }, row, joint) {
  return new Vector3().fromArray(joints.values, row * joints.rowLength + 3 * joint);
}

/** Transform of the unit cylinder to a bone. */
function rod(from, to) {
  const along = to.clone().sub(from);
  const length = along.length();
  const turn = new Quaternion().setFromUnitVectors(UP, along.divideScalar(length || 1));
  const middle = from.clone().lerp(to, 0.5);
  return new Matrix4().compose(middle, turn, new Vector3(BONE_M, length, BONE_M));
}
