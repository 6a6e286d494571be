// Use a viewer page in headless Chromium as somebody would; print what was seen as JSON.
//
//   node drive.mjs CHROMIUM PAGE.html [PLAY_S] [SHOTS_FOLDER]
//
// If the video's top row has the number of its frame in black and white squares (least digit
// first), `lags` says how far the frame on the screen and the pose beside it were apart.
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, file, playing = "2", shots] = process.argv.slice(2);
// software GL, and no need for a large /dev/shm: what a container has
const SOFTWARE_GL = [
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--disable-dev-shm-usage",
];
const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];

const browser = await chromium.launch({ executablePath, args: [...SOFTWARE_GL, ...asRoot] });
const page = await browser.newPage({
  viewport: { width: 900, height: 600 }, // software draws it
  colorScheme: "dark",
});
const seen = { console: [], errors: [], requests: [] };
page.on("console", (message) => seen.console.push(`${message.type()}: ${message.text()}`));
page.on("pageerror", (error) => seen.errors.push(error.stack));
page.on("request", (request) => seen.requests.push(request.url().slice(0, 200)));

/** Runs in the page: everything that the page says about itself. */
function look() {
  const { clock, stage, clip } = window.pose3d;
  const drawn = (canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
    copy.drawImage(canvas, 0, 0);
    const pixels = new Uint32Array(copy.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return new Set(pixels).size;
  };
  stage.renderer.render(stage.scene, stage.camera);
  const text = (id) => document.getElementById(id).textContent;
  return {
    frame: clock.frame,
    stageFrame: stage.frame,
    frames: clip.times_s.length,
    playing: clock.playing,
    theme: document.documentElement.dataset.theme,
    rate: document.getElementById("rate").value,
    frameText: text("frame"),
    note: text("note"),
    camera: stage.camera.position.toArray(),
    colours: {
      stage: drawn(document.getElementById("stage")),
      overlay: drawn(document.getElementById("overlay")),
      timeline: drawn(document.getElementById("timeline")),
      plots: [...document.querySelectorAll("#plots canvas")].map(drawn),
    },
    joints: [...clip.people[0].joints.values.slice(0, 6)],
  };
}

/** Runs in the page: play, and compare the picture's number with the pose's at every paint. */
async function play(seconds) {
  const video = document.getElementById("video");
  const { clock, stage } = window.pose3d;
  const pen = new OffscreenCanvas(video.videoWidth, 1).getContext("2d", {
    willReadFrequently: true,
  });
  const number = () => {
    pen.drawImage(video, 0, -8);
    const size = video.videoWidth / 10;
    return Array.from({ length: 10 }, (_, digit) => {
      const { data } = pen.getImageData(Math.round((digit + 0.5) * size), 0, 1, 1);
      return data[0] > 128 ? 2 ** digit : 0;
    }).reduce((sum, value) => sum + value);
  };
  const lags = [];
  const frames = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end && clock.playing) {
    await new Promise(requestAnimationFrame);
    lags.push(number() - stage.frame);
    frames.push(clock.frame);
  }
  clock.pause();
  return { lags, frames };
}

await page.goto(pathToFileURL(file).href);
await page.waitForFunction(() => {
  const video = document.getElementById("video");
  return window.pose3d && (!video.src || video.error || video.readyState >= 3);
});
const report = { seen, start: await page.evaluate(look) };
const shoot = async (name) => shots && page.screenshot({ path: `${shots}/${name}.png` });
await shoot("start");

const press = async (key) => {
  await page.keyboard.press(key);
  await page.waitForTimeout(150);
  return page.evaluate(look);
};
report.keys = {};
for (const key of ["End", "Home", "ArrowRight", "3", "6", "1", "]", "[", "t"]) {
  report.keys[key] = await press(key);
}
await shoot("light");
const track = await page.locator("#timeline").boundingBox();
await page.mouse.click(track.x + track.width / 2, track.y + track.height / 2);
await page.waitForTimeout(200);
report.scrubbed = await page.evaluate(look);
await shoot("scrubbed");

await press("Home");
report.started = await press(" ");
report.play = await page.evaluate(play, Number(playing));
report.stopped = await page.evaluate(look);
await shoot("played");
await browser.close();
console.log(JSON.stringify(report));
