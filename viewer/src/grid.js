// SPDX-License-Identifier: MIT
// A floor with a metric grid that stays thin near by and fades into the distance.
import { Color, ShaderMaterial } from "three";

const VERTEX = `
varying vec3 place;
void main() {
  place = (modelMatrix * vec4(position, 1.0)).xyz;
  gl_Position = projectionMatrix * viewMatrix * vec4(place, 1.0);
}`;

const FRAGMENT = `
varying vec3 place;
uniform vec3 line;
uniform vec3 ground;
uniform vec3 room;

float lines(vec2 at, float pixels) {
  vec2 width = fwidth(at);
  vec2 near = abs(fract(at - 0.5) - 0.5) / max(width, vec2(1e-5));
  vec2 cover = 1.0 - smoothstep(vec2(pixels - 0.5), vec2(pixels + 0.5), near);
  return max(cover.x, cover.y) * (1.0 - smoothstep(0.2, 0.6, max(width.x, width.y)));
}

void main() {
  float away = length(place - vec3(cameraPosition.x, 0.0, cameraPosition.z));
  float seen = exp(-away * away / 160.0);
  float marks = max(lines(place.xz, 0.8), 0.4 * lines(place.xz * 2.0, 0.5));
  vec3 lit = mix(room, ground, seen);
  gl_FragColor = vec4(mix(lit, line, marks * seen), 1.0);
  #include <colorspace_fragment>
}`;

export function gridMaterial() {
  return new ShaderMaterial({
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    uniforms: {
      line: { value: new Color() },
      ground: { value: new Color() },
      room: { value: new Color() },
    },
  });
}
