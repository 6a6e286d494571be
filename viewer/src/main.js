// SPDX-License-Identifier: MIT
// The page: one frame is current, and everything shows it.
import { TimerClock, VideoClock } from "./clock.js";
import { readClip, videoAddress } from "./data.js";
import { Overlay } from "./overlay.js";
import { Plots } from "./plots.js";
import { Stage } from "./stage.js";
import { Timeline } from "./timeline.js";

const root = document.documentElement;
const darkness = matchMedia("(prefers-color-scheme: dark)");
const $ = (id) => document.getElementById(id);
const clip = readClip(document);
const times = clip.times_s.map((time) => time - clip.times_s[0]);
const video = $("video");

const stage = new Stage($("stage"), clip);
const overlay = new Overlay($("overlay"), clip);
const timeline = new Timeline($("timeline"), $("playhead"), clip, (frame) => clock.seek(frame));
const plots = new Plots($("plots"), clip, (frame) => clock.seek(frame));

function show(frame) {
  stage.show(frame);
  overlay.draw(frame);
  timeline.moveTo(frame);
  plots.moveTo(frame);
  $("time").textContent = `${times[frame].toFixed(2)} s`;
  $("frame").textContent = `frame ${frame} of ${times.length}`;
  showPlaying();
}

function showPlaying() {
  $("play").setAttribute("aria-pressed", clock.playing);
}

function makeClock() {
  const address = videoAddress(document, clip.video);
  if (!address) {
    $("picture").classList.add("without-video");
    $("note").textContent = clip.video.note;
    return new TimerClock(times, show);
  }
  video.src = address;
  video.addEventListener("error", () => {
    $("picture").classList.add("without-video");
    $("note").textContent =
      clip.video.kind === "linked"
        ? `${clip.video.href} is not beside this page, or this browser cannot play it.`
        : "This browser cannot play the video.";
    clock = new TimerClock(times, show);
  });
  for (const event of ["play", "pause", "ended"]) video.addEventListener(event, showPlaying);
  return new VideoClock(video, times, show);
}

function toggle() {
  if (clock.playing) clock.pause();
  else clock.play();
  showPlaying();
}

function step(frames) {
  clock.pause();
  clock.seek(clock.frame + frames);
}

function setRate(rate) {
  $("rate").value = rate;
  clock.rate = Number(rate);
}

function nextRate(by) {
  const rates = [...$("rate").options].map((option) => option.value);
  const at = rates.indexOf($("rate").value) + by;
  setRate(rates[Math.min(Math.max(at, 0), rates.length - 1)]);
}

function look(preset) {
  stage.look(preset);
  for (const button of $("cameras").children) {
    button.setAttribute("aria-pressed", button.dataset.camera === preset);
  }
}

/** Turn an on–off button over; tell what it says now. */
function flip(id) {
  const on = $(id).getAttribute("aria-pressed") !== "true";
  $(id).setAttribute("aria-pressed", on);
  return on;
}

const SWITCHES = {
  loop: () => (clock.loop = flip("loop")),
  follow: () => stage.setFollow(flip("follow")),
  points: () => {
    overlay.visible = flip("points");
    overlay.draw(clock.frame);
  },
  theme: () => dress(root.dataset.theme === "dark" ? "light" : "dark"),
  help: () => ($("keys").open ? $("keys").close() : $("keys").showModal()),
};

const CAMERAS = ["free", "front", "left", "right", "back", "top"];
const KEYS = {
  " ": toggle,
  ArrowLeft: (event) => step(event.shiftKey ? -Math.round(clip.fps) : -1),
  ArrowRight: (event) => step(event.shiftKey ? Math.round(clip.fps) : 1),
  Home: () => clock.seek(0),
  End: () => clock.seek(times.length - 1),
  "[": () => nextRate(-1),
  "]": () => nextRate(1),
  l: SWITCHES.loop,
  f: SWITCHES.follow,
  o: SWITCHES.points,
  t: SWITCHES.theme,
  "?": SWITCHES.help,
  ...Object.fromEntries(CAMERAS.map((name, place) => [String(place + 1), () => look(name)])),
};

function dress(theme = root.dataset.theme) {
  root.dataset.theme = theme;
  stage.dress();
  timeline.draw();
  plots.draw();
  overlay.draw(clock.frame);
}

function resize() {
  stage.resize();
  timeline.draw();
  plots.draw();
  overlay.draw(clock.frame);
}

function choosePeople() {
  if (clip.people.length < 2) return;
  $("person").hidden = false;
  for (const person of clip.people) $("person").add(new Option(`Person ${person.id}`));
  $("person").addEventListener("change", () => {
    plots.show(clip.people[$("person").selectedIndex]);
    plots.moveTo(clock.frame);
  });
}

let clock = makeClock();
choosePeople();
$("play").addEventListener("click", toggle);
$("back").addEventListener("click", () => step(-1));
$("next").addEventListener("click", () => step(1));
$("rate").addEventListener("change", () => setRate($("rate").value));
for (const [id, act] of Object.entries(SWITCHES)) $(id).addEventListener("click", act);
for (const button of $("cameras").children) {
  button.addEventListener("click", () => look(button.dataset.camera));
}
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select")) return;
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault(); // Space would also press the button that has the focus
  act(event);
});
const dressAsTheSystem = () => dress(darkness.matches ? "dark" : "light");
darkness.addEventListener("change", dressAsTheSystem);
new ResizeObserver(resize).observe($("pictures"));
dressAsTheSystem();
resize();
show(0);
// what tests and curious people look at
window.pose3d = { clip, stage, get clock() { return clock; } };
