"""Throw damaged and hostile files at a reader, guided by which of its lines they reach.

    python -m bench.fuzz result.json SEEDS --tries 100000

SEEDS is a folder of valid files to begin with (`pytest tests/test_fuzz_guided.py` makes them). Every
file must be read, or refused with a `Pose3DError` of one line; anything else ends the run with exit code
77, and the file is left in SEEDS under a name that begins with "crash-". Needs atheris, which is libFuzzer
for Python: https://github.com/google/atheris
"""

import argparse
import json
import os
import random
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import atheris

HOSTILE: tuple[Any, ...] = (
    *(None, True, -1, 0, 10**30, -(2**63), 1e308, float("nan"), float("inf")),
    *("", "../..", "\ud800", "x" * 5000, [], {}, [[]], [0] * 1000, {"": None}),
)
MEGABYTES, SECONDS = 2048, 20
"""What one file may take."""
MEMORY = Path("/dev/shm")
"""Many times as fast as a disk."""


def readers() -> Mapping[str, Callable[[Path], object]]:
    """Import the readers, in a way that notes which lines are run."""
    with atheris.instrument_imports(include=["pose3d_cli"]):
        from pose3d_cli.batch.inputs import find_clips
        from pose3d_cli.batch.manifest import Manifest
        from pose3d_cli.datasets.asf_amc import read_amc, read_asf
        from pose3d_cli.detect.keypoint_files import read_keypoints
        from pose3d_cli.detect.store import StoredRun
        from pose3d_cli.export.bvh_reader import read_bvh
        from pose3d_cli.export.json_file import read_json
        from pose3d_cli.lifting.checkpoint import load_checkpoint
        from pose3d_cli.training.config import read_config

    def read_acclaim(path: Path) -> object:
        """Read a skeleton and its motion from one file, one after the other."""
        skeleton, _, motion = path.read_bytes().partition(b"%%%")
        (asf := path.with_suffix(".asf")).write_bytes(skeleton)
        (amc := path.with_suffix(".amc")).write_bytes(motion)
        return read_amc(amc, read_asf(asf), fps=120)

    def read_list(path: Path) -> object:
        """Search below the file's own folder only."""
        inside = re.sub(rb"(?m)^[\s/@]+|\.\.", b"", path.read_bytes())
        path.write_bytes(inside)
        return find_clips([f"@{path}"], out_dir=path.parent / "out")

    def read_kept(path: Path) -> object:
        """Read what was detected in an earlier run: damaged chunks count as not there."""
        path.rename(path.with_name("000000.npz"))
        return list(StoredRun(path.parent).detections())

    return {
        "result.json": read_json,
        "motion.bvh": read_bvh,
        "keypoints.json": read_keypoints,
        "config.toml": read_config,
        "weights.safetensors": load_checkpoint,
        "motion.acclaim": read_acclaim,
        "list.txt": read_list,
        "kept.npz": read_kept,
        "manifest.jsonl": lambda path: Manifest(path.parent, private_dir=path.parent).latest(),
    }


def mutated(data: bytes, max_size: int, seed: int) -> bytes:
    """Change bytes; or, every other time in JSON, one value into a hostile one."""
    rng = random.Random(seed)
    if data[:1] in {b"{", b"["} and rng.random() < 0.5:
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            return bytes(atheris.Mutate(data, max_size))
        changed = json.dumps(_with_a_hostile_value(document, rng)).encode()
        if len(changed) <= max_size:
            return changed
    return bytes(atheris.Mutate(data, max_size))


def _with_a_hostile_value(document: Any, rng: random.Random) -> Any:
    holder = document
    while isinstance(holder, dict | list) and holder:
        key = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        below = holder[key]
        if not isinstance(below, dict | list) or not below or rng.random() < 0.2:
            holder[key] = rng.choice(HOSTILE)
            break
        holder = below
    return document


def main() -> None:
    """Try files until one is neither read nor refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reader")
    parser.add_argument("seeds", type=Path)
    parser.add_argument("--tries", type=int, default=10_000)
    arguments = parser.parse_args()
    read = readers()[arguments.reader]
    from pose3d_cli.errors import Pose3DError

    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        path = Path(folder) / arguments.reader
        seeds = arguments.seeds.resolve()
        os.chdir(folder)
        for name in ("a.mp4", "sub/b.mov"):
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).touch()

        def attack(data: bytes) -> None:
            path.write_bytes(data)
            said = "read"
            try:
                read(path)
            except Pose3DError as error:
                said = str(error).strip()
            if not said or "\n" in said.strip():
                raise RuntimeError(f"not one line: {said!r}")

        options = [
            f"-runs={arguments.tries}",
            f"-artifact_prefix={seeds}/",
            f"-rss_limit_mb={MEGABYTES}",
            f"-timeout={SECONDS}",
            "-max_len=65536",
            "-len_control=0",
            "-print_final_stats=1",
        ]
        command = [sys.argv[0], *options, str(seeds)]
        atheris.Setup(command, attack, custom_mutator=mutated)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
