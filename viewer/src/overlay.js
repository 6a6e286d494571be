// SPDX-License-Identifier: MIT
// The 2D skeleton over the video.
import { colour, fitted, SIDES } from "./canvas.js";
import { rowAt } from "./data.js";

const FAINTEST = 0.15;

/** Where a picture of this shape lies in a box that shows all of it. */
function placed(box, { width_px, height_px }) {
  const scale = Math.min(box.width / width_px, box.height / height_px);
  return {
    scale,
    left: (box.width - scale * width_px) / 2,
    top: (box.height - scale * height_px) / 2,
  };
}

export class Overlay {
  constructor(canvas, clip) {
    Object.assign(this, { canvas, clip, visible: true });
  }

  draw(frame) {
    const { pen, width, height } = fitted(this.canvas);
    if (!this.visible) return;
    const place = placed({ width, height }, this.clip);
    pen.translate(place.left, place.top);
    pen.scale(place.scale, place.scale);
    pen.lineCap = "round";
    for (const person of this.clip.people) this.#drawPerson(pen, person, frame, 1 / place.scale);
  }

  /** @param pixel length of a screen pixel in the picture */
  #drawPerson(pen, person, frame, pixel) {
    const row = rowAt(person, frame);
    if (row < 0) return;
    const { skeleton } = this.clip;
    const at = (joint) => {
      const start = row * person.keypoints.rowLength + 2 * joint;
      return [person.keypoints.values[start], person.keypoints.values[start + 1]];
    };
    const sure = (joint) => person.confidence.values[row * person.confidence.rowLength + joint];
    const line = Math.max(3 * pixel, this.clip.height_px / 260);
    for (const [width, outline] of [[line * 1.9, true], [line, false]]) {
      skeleton.parents.forEach((parent, joint) => {
        if (parent < 0) return;
        pen.globalAlpha = Math.max(FAINTEST, Math.min(sure(parent), sure(joint)));
        pen.strokeStyle = outline ? "#10121a" : colour(SIDES[skeleton.sides[joint]]);
        pen.lineWidth = width;
        pen.beginPath();
        pen.moveTo(...at(parent));
        pen.lineTo(...at(joint));
        pen.stroke();
      });
    }
    skeleton.parents.forEach((_, joint) => {
      pen.globalAlpha = Math.max(FAINTEST, sure(joint));
      pen.fillStyle = "#ffffff";
      pen.beginPath();
      pen.arc(...at(joint), line * 0.7, 0, 2 * Math.PI);
      pen.fill();
    });
  }
}
