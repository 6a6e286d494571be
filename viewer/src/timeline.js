// SPDX-License-Identifier: MIT
// The strip under the pictures: how sure every frame is, and where we are; drag to scrub.
import { colour, fitted } from "./canvas.js";
import { rowAt } from "./data.js";

/** From unsure to sure. */
const STOPS = [
  [196, 52, 60],
  [232, 150, 48],
  [222, 206, 96],
  [70, 172, 140],
];

/** Colour of a confidence from 0 to 1. */
function heat(share) {
  const place = Math.min(Math.max(share, 0), 1) * (STOPS.length - 1);
  const below = Math.min(Math.floor(place), STOPS.length - 2);
  const mix = STOPS[below].map((from, i) => from + (place - below) * (STOPS[below + 1][i] - from));
  return `rgb(${mix.map(Math.round).join(" ")})`;
}

/** Mean certainty of a person's joints, frame by frame of the clip; NaN while away. */
function certainty(person, frames) {
  const { values, rowLength } = person.certainty;
  return Float32Array.from({ length: frames }, (_, frame) => {
    const row = rowAt(person, frame);
    if (row < 0) return NaN;
    const joints = values.subarray(row * rowLength, (row + 1) * rowLength);
    return joints.reduce((sum, value) => sum + value, 0) / rowLength;
  });
}

export class Timeline {
  constructor(canvas, head, clip, onSeek) {
    Object.assign(this, { canvas, head, frames: clip.times_s.length });
    this.certainties = clip.people.map((person) => certainty(person, this.frames));
    const seek = (event) => {
      const box = canvas.getBoundingClientRect();
      onSeek(Math.floor(((event.clientX - box.left) / box.width) * this.frames));
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      seek(event);
    });
    canvas.addEventListener("pointermove", (event) => event.buttons && seek(event));
  }

  /** Draw the strip; one row a person, each pixel the least sure of its frames. */
  draw() {
    const { pen, width, height } = fitted(this.canvas);
    const row = height / Math.max(1, this.certainties.length);
    pen.fillStyle = colour("line");
    pen.fillRect(0, 0, width, height);
    this.certainties.forEach((certainty, person) => {
      for (let x = 0; x < width; x++) {
        const first = Math.floor((x / width) * this.frames);
        const after = Math.max(first + 1, Math.floor(((x + 1) / width) * this.frames));
        const least = Math.min(...certainty.subarray(first, after));
        if (Number.isNaN(least)) continue;
        pen.fillStyle = heat(least);
        pen.fillRect(x, person * row, 1, row - (this.certainties.length > 1 ? 1 : 0));
      }
    });
  }

  moveTo(frame) {
    this.head.style.left = `${((frame + 0.5) / this.frames) * 100}%`;
    this.canvas.setAttribute("aria-valuenow", frame);
  }
}
