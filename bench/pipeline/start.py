"""What happens before the first frame is found, each in a process of its own."""

import json
import resource
import subprocess
import sys
from typing import Any

from bench.pipeline.subject import SAMPLE

_FIRST_FRAME = """
import json, time
from pathlib import Path
marks = []
def mark(name): marks.append((name, time.perf_counter(), time.process_time()))
mark("")
from pose3d_cli.cli.networks import load_detector, load_lifter
from pose3d_cli.video.reader import probe, read_frames
import pose3d_cli.pipeline, pose3d_cli.outputs, pose3d_cli.detect.yolo; mark("import video, detection, motion, render")
from pose3d_cli.weights import default_cache_dir
where = dict(device="cpu", cache_dir=default_cache_dir(), offline=True)
d = load_detector("yolo11n-pose", **where); mark("load the detector")
load_lifter("sasmamba-small", flip=True, **where); mark("load the lifter (PyTorch)")
next(d.detect(read_frames(probe(Path("examples/sample.mp4"))))); mark("first frame")
print(json.dumps([(b[0], b[1] - a[1], b[2] - a[2]) for a, b in zip(marks, marks[1:])]))
"""


def start() -> dict[str, Any]:
    """Measure the help page, and the way to the first frame by part."""
    before_s = _children_cpu_s()
    subprocess.run([sys.executable, "-m", "pose3d_cli", "--help"], check=True, capture_output=True)
    help_s = _children_cpu_s() - before_s
    done = subprocess.run(
        [sys.executable, "-c", _FIRST_FRAME],
        check=True,
        capture_output=True,
        text=True,
        cwd=SAMPLE.parents[1],
    )
    return {
        "pose3d --help, CPU s": round(help_s, 3),
        "until the first frame, s": {
            name: {"wall": round(wall, 2), "CPU": round(cpu, 2)}
            for name, wall, cpu in json.loads(done.stdout)
        },
    }


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
