// SPDX-License-Identifier: MIT
// What the page carries: numbers in JSON, columns as base64, perhaps the video itself.

/** Bytes of a base64 text. */
function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** A column of 16-bit steps as numbers: offset + step × value, little-endian, row by row. */
function unpacked({ shape, step, offset, data }) {
  const bytes = bytesOf(data);
  const steps = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(bytes.length / 2);
  for (let place = 0; place < values.length; place++) {
    values[place] = offset + step * steps.getInt16(2 * place, true);
  }
  return { values, rowLength: values.length / shape[0] };
}

const text = (document, id) => document.getElementById(id)?.textContent ?? "";

/** Everything about the clip, its people and their motion. */
export function readClip(document) {
  const clip = JSON.parse(text(document, "pose3d-data"));
  const people = clip.people.map((person) => ({
    ...person,
    joints: unpacked(person.joints_m),
    keypoints: unpacked(person.keypoints_px),
    confidence: unpacked(person.confidence), // of the joints in the picture
    certainty: unpacked(person.certainty), // of the joints in space
    angles: Object.fromEntries(
      Object.entries(person.angles_deg).map(([name, column]) => [name, unpacked(column).values]),
    ),
  }));
  return { ...clip, people };
}

/** Address of the video: of the embedded one in memory, or the file's; null if there is none. */
export function videoAddress(document, video) {
  if (video.kind === "linked") return video.href;
  if (video.kind !== "embedded") return null;
  const bytes = bytesOf(text(document, "pose3d-video").trim());
  return URL.createObjectURL(new Blob([bytes], { type: video.type }));
}

/** Row of a person's columns at a frame of the clip; -1 while they are not there. */
export function rowAt(person, frame) {
  const row = frame - person.start;
  return row >= 0 && row < person.count ? row : -1;
}

/** Index of the last of ascending times that is not after `seconds`, give or take a rounding. */
export function frameAt(times, seconds) {
  const rounding = 1e-3;
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= seconds + rounding) low = middle;
    else high = middle - 1;
  }
  return low;
}
