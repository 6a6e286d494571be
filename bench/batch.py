"""A night of `pose3d batch` that nobody lets sleep: is every file whole, and the same as undisturbed?

    python -m bench.batch --clips 200 --kills 20

Makes short clips from the sample, one in ten of them broken, and lifts them all. Then does so again
in another folder, killing the run (SIGKILL, the workers with it) at random moments and starting it
anew. Says what failed, how long a run takes that finds everything done, and whether all outputs of
the disturbed run are, byte for byte, those of the undisturbed one.
"""

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import cv2

from pose3d_cli.batch.job import PRIVATE
from pose3d_cli.batch.manifest import NAME as MANIFEST
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.video.writer import write_video
from pose3d_cli.weights import default_cache_dir, ensure

SAMPLE = Path(__file__).parents[1] / "examples" / "sample.mp4"
SIZE_PX = (480, 270)
FRAMES = 6
BROKEN_ONE_IN = 10
STARTED_S = 10.0
"""A run's first seconds load the networks; most kills should come later."""
BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda whole: whole[: len(whole) // 3],
    "no video": lambda _: b"This is not a video.\n" * 50,
    "empty": lambda _: b"",
    "zeroed": lambda whole: whole[:32] + bytes(len(whole) - 32),
}


def make_clips(
    folder: Path, *, count: int, frames_each: int = FRAMES, broken_one_in: int = BROKEN_ONE_IN
) -> int:
    """Write clips into subfolders; return how many of them are broken."""
    frames = list(islice(read_frames(probe(SAMPLE)), 84 + frames_each))
    small = [cv2.resize(frame.rgb, SIZE_PX, interpolation=cv2.INTER_AREA) for frame in frames]
    broken = 0
    for number in range(count):
        path = folder / f"day {number % 3 + 1}" / f"clip {number:03d}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        first = number * 7 % (len(small) - frames_each)
        pictures = [(small[first + i], Fraction(i, 30)) for i in range(frames_each)]
        write_video(path, pictures, fps=Fraction(30))
        if number % broken_one_in == broken_one_in - 1:
            kind = list(BROKEN)[broken % len(BROKEN)]
            path.write_bytes(BROKEN[kind](path.read_bytes()))
            broken += 1
    return broken


def start(clips: Path, out: Path, *options: str) -> "subprocess.Popen[str]":
    """Start a batch in a process group of its own; what it keeps lies beside the clips."""
    command = [sys.executable, "-m", "pose3d_cli", "batch", str(clips), "--out", str(out)]
    detector = ensure("yolo11n-pose", cache_dir=default_cache_dir(), offline=True)
    command += ["--detector", str(detector), "--cache-dir", f"{clips}-cache", "--offline"]
    return subprocess.Popen(
        [*command, "--format", "mp4,json,bvh", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(clips: Path, out: Path, *options: str) -> tuple[int, str, float]:
    """Run a batch to its end; return exit code, what it said, and seconds."""
    began = time.perf_counter()
    process = start(clips, out, *options)
    _, said = process.communicate()
    return process.returncode, said, time.perf_counter() - began


def outputs(out: Path) -> dict[str, str]:
    """Return the hash of every file but the manifest and the private folder."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and PRIVATE not in path.parts and path.name != MANIFEST
    }


def half_files(out: Path) -> list[str]:
    """Return outputs that are not whole: videos and JSON that do not end, temporary names."""
    bad = []
    for path in out.rglob("*"):
        if not path.is_file() or PRIVATE in path.parts or path.name == MANIFEST:
            continue
        whole = path.name[0] != "."
        if path.suffix == ".json":
            whole &= path.read_bytes().endswith(b"}\n")
        elif path.suffix == ".mp4":
            try:
                with av.open(str(path)) as video:
                    whole &= sum(1 for _ in video.decode(video=0)) == FRAMES
            except av.FFmpegError:
                whole = False
        if not whole:
            bad.append(path.relative_to(out).as_posix())
    return bad


def disturb(clips: Path, out: Path, *, kills: int, span_s: float, options: list[str]) -> int:
    """Start and kill runs; return how many half files were seen in all."""
    rng, half = random.Random(0), 0
    for number in range(kills):
        process = start(clips, out, *options)
        try:
            process.wait(timeout=rng.uniform(0.1, span_s))
        except subprocess.TimeoutExpired:
            only_parent = number % 3 == 2  # its workers have to notice by themselves
            (os.kill if only_parent else os.killpg)(process.pid, signal.SIGKILL)
        process.communicate()
        half += len(half_files(out))
        there = len(outputs(out))
        print(f"  kill {number + 1}: {there} files there, {half} of them half", flush=True)
    return half


def main() -> None:
    """Make the clips, disturb, compare, tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    options = ["--jobs", str(arguments.jobs)]
    with tempfile.TemporaryDirectory() as name:
        clips, calm, shaken = (Path(name) / part for part in ("clips", "calm", "shaken"))
        broken = make_clips(clips, count=arguments.clips)
        print(f"{arguments.clips} clips of {FRAMES} frames, {broken} of them broken", flush=True)
        # Nothing is kept that the disturbed run could go on from.
        code, said, spent_s = finish(clips, calm, "--no-cache", *options)
        print(
            f"undisturbed: exit code {code}, {spent_s:.1f} s, {said.splitlines()[-1]}", flush=True
        )
        listed = len({line.split(".mp4")[0] for line in said.splitlines() if "│" in line})
        print(f"listed with a reason: {listed}", flush=True)
        again = min(finish(clips, calm, *options)[2] for _ in range(3))
        print(f"again: {again:.2f} s (best of 3)", flush=True)
        span_s = max(STARTED_S, 1.6 * spent_s / max(arguments.kills, 1))
        half = disturb(clips, shaken, kills=arguments.kills, span_s=span_s, options=options)
        code, said, _ = finish(clips, shaken, *options)
        print(f"disturbed: exit code {code}, {said.splitlines()[-1]}")
        same = outputs(calm) == outputs(shaken)
        differ = [k for k, v in outputs(calm).items() if outputs(shaken).get(k) != v]
        print(f"{len(outputs(calm))} outputs, {half} half files, identical: {same} {differ[:5]}")
        sys.exit(not same or half > 0)


if __name__ == "__main__":
    main()
