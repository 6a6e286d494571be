// SPDX-License-Identifier: MIT
// Joint angles over time: small panels that share the playhead.
import { colour, fitted } from "./canvas.js";
import { rowAt } from "./data.js";

const PAIR = [
  ["left", "left"],
  ["right", "right"],
];
/** Title, and its lines: the angle's name (or what stands before it) and the colour. */
const PANELS = [
  ["Knee flexion", PAIR, "knee_flexion"],
  ["Hip flexion", PAIR, "hip_flexion"],
  ["Hip abduction", PAIR, "hip_abduction"],
  ["Elbow flexion", PAIR, "elbow_flexion"],
  ["Arm elevation", PAIR, "shoulder_elevation"],
  [
    "Trunk",
    [
      ["trunk_flexion", "middle-line"],
      ["trunk_bend", "violet"],
      ["trunk_rotation", "green"],
    ],
  ],
];
const LABELS = { trunk_flexion: "flexion", trunk_bend: "bend", trunk_rotation: "rotation" };
const TEXT_PX = 10;
const STEPS_DEG = [5, 10, 15, 30, 45, 90, 180];

export class Plots {
  constructor(parent, clip, onSeek) {
    this.clip = clip;
    this.person = clip.people[0];
    this.panels = this.person ? PANELS.map((panel) => this.#panel(parent, panel, onSeek)) : [];
  }

  #panel(parent, [title, lines, suffix], onSeek) {
    const card = document.createElement("figure");
    card.className = "plot";
    card.innerHTML =
      `<figcaption><b>${title}</b><span class="values"></span></figcaption>` +
      `<div class="graph"><canvas></canvas><i class="head"></i></div>`;
    parent.append(card);
    const canvas = card.querySelector("canvas");
    const seek = (event) => {
      const box = canvas.getBoundingClientRect();
      onSeek(Math.floor(((event.clientX - box.left) / box.width) * this.clip.times_s.length));
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      seek(event);
    });
    canvas.addEventListener("pointermove", (event) => event.buttons && seek(event));
    const values = card.querySelector(".values");
    const curves = lines.map(([name, ink]) => {
      const value = document.createElement("span");
      value.style.color = `var(--${ink})`;
      value.title = LABELS[name] ?? name;
      values.append(value);
      return { angle: suffix ? `${name}_${suffix}` : name, ink, value };
    });
    return { canvas, curves, head: card.querySelector(".head") };
  }

  draw() {
    for (const panel of this.panels) this.#drawPanel(panel);
  }

  #drawPanel({ canvas, curves }) {
    const { pen, width, height } = fitted(canvas);
    const { angles_deg: _, angles, start, count } = this.person;
    const all = curves.map(({ angle }) => angles[angle]);
    let low = Infinity;
    let high = -Infinity;
    for (const values of all) {
      for (const value of values) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    const margin = Math.max(5, (high - low) * 0.08);
    low -= margin;
    high += margin;
    const y = (value) => height * (1 - (value - low) / (high - low));
    const x = (row) => (width * (start + row + 0.5)) / this.clip.times_s.length;
    const step = STEPS_DEG.find((size) => (high - low) / size <= 4) ?? 360;
    pen.font = `${TEXT_PX}px system-ui, sans-serif`;
    for (let tick = Math.ceil(low / step) * step; tick < high; tick += step) {
      pen.fillStyle = colour(tick === 0 ? "dim" : "line");
      pen.fillRect(0, Math.round(y(tick)), width, 1);
      pen.fillStyle = colour("dim");
      const above = y(tick) - 3;
      pen.fillText(`${tick}°`, 4, above < TEXT_PX ? y(tick) + TEXT_PX : above);
    }
    pen.lineWidth = 1.5;
    pen.lineJoin = "round";
    curves.forEach(({ ink }, place) => {
      pen.strokeStyle = colour(ink);
      pen.beginPath();
      for (let row = 0; row < count; row++) {
        const value = all[place][row];
        // a jump of half a turn is the same angle told otherwise, not a movement
        const jump = row > 0 && Math.abs(value - all[place][row - 1]) > 180;
        pen[row === 0 || jump ? "moveTo" : "lineTo"](x(row), y(value));
      }
      pen.stroke();
    });
  }

  moveTo(frame) {
    if (!this.person) return;
    const row = rowAt(this.person, frame);
    for (const { curves, head } of this.panels) {
      head.style.left = `${((frame + 0.5) / this.clip.times_s.length) * 100}%`;
      for (const { angle, value } of curves) {
        value.textContent = row < 0 ? "–" : `${Math.round(this.person.angles[angle][row])}°`;
      }
    }
  }

  show(person) {
    this.person = person;
    this.draw();
  }
}
