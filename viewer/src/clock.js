// SPDX-License-Identifier: MIT
// Which frame is shown: told by the video itself, or by a timer where there is no video.
import { frameAt } from "./data.js";

/** Frames of a video element, exactly those that the browser has put on the screen. */
export class VideoClock {
  /** @param times seconds of every frame, the first at 0 */
  constructor(video, times, onFrame) {
    // players start to count at the first picture, or at the first sound: the first picture tells
    Object.assign(this, { video, times, onFrame, frame: 0, origin: 0 });
    if (video.requestVideoFrameCallback) {
      video.requestVideoFrameCallback((_, { mediaTime }) => {
        this.origin = mediaTime;
        this.#listen();
      });
    } else this.#poll();
    video.addEventListener("seeked", () => this.#show(video.currentTime));
  }

  get playing() {
    return !this.video.paused;
  }

  set rate(rate) {
    this.video.playbackRate = rate;
  }

  set loop(loop) {
    this.video.loop = loop;
  }

  play() {
    if (this.video.ended) this.seek(0);
    return this.video.play();
  }

  pause() {
    this.video.pause();
  }

  seek(frame) {
    const at = Math.min(Math.max(frame, 0), this.times.length - 1);
    const next = this.times[at + 1] ?? this.times[at] + (this.times[1] ?? 0);
    // into the middle of the frame: at its very start, rounding may show the one before
    this.video.currentTime = this.origin + (this.times[at] + next) / 2;
    this.#set(at);
  }

  #listen() {
    this.video.requestVideoFrameCallback((_, { mediaTime }) => {
      this.#show(mediaTime);
      this.#listen();
    });
  }

  #poll() {
    requestAnimationFrame(() => {
      if (this.playing) this.#show(this.video.currentTime);
      this.#poll();
    });
  }

  #show(seconds) {
    this.#set(frameAt(this.times, seconds - this.origin));
  }

  #set(frame) {
    if (frame === this.frame) return;
    this.frame = frame;
    this.onFrame(frame);
  }
}

/** The same for poses alone. */
export class TimerClock {
  constructor(times, onFrame) {
    Object.assign(this, { times, onFrame, frame: 0, playing: false, rate: 1, loop: false });
    this.seconds = 0;
  }

  play() {
    if (this.playing) return;
    const end = this.times.at(-1);
    if (this.seconds >= end) this.seconds = 0;
    this.playing = true;
    let before = performance.now();
    const step = (now) => {
      if (!this.playing) return;
      this.seconds += ((now - before) / 1000) * this.rate;
      before = now;
      if (this.seconds > end && this.loop) this.seconds = 0;
      if (this.seconds > end) this.pause();
      this.#set(frameAt(this.times, this.seconds));
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  pause() {
    this.playing = false;
    this.onFrame(this.frame);
  }

  seek(frame) {
    const at = Math.min(Math.max(frame, 0), this.times.length - 1);
    this.seconds = this.times[at];
    this.#set(at);
  }

  #set(frame) {
    if (frame === this.frame) return;
    this.frame = frame;
    this.onFrame(frame);
  }
}
