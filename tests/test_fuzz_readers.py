"""Damaged and hostile files are refused in one line, whatever is wrong with them.

Every reader gets valid files with bytes, lines or values changed, and must return something or raise a
`Pose3DError`. ``POSE3D_FUZZ=20000 pytest tests/test_fuzz_readers.py -m "slow or not slow"`` tries as many
of each kind.
"""

import contextlib
import copy
import json
import os
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pose3d_cli.detect.keypoint_files import read_keypoints
from pose3d_cli.errors import Pose3DError, WeightsError
from pose3d_cli.export.bvh_reader import read_bvh
from pose3d_cli.export.json_file import read_json
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.lifting.checkpoint import load_checkpoint, save_checkpoint
from pose3d_cli.lifting.config import SasMambaConfig
from pose3d_cli.lifting.model import SasMamba
from pose3d_cli.outputs import write
from pose3d_cli.pipeline import Settings, estimate
from pose3d_cli.training.config import read_config
from pose3d_cli.watch import Unwatched

ROOT = Path(__file__).parents[1]
TRIES = int(os.environ.get("POSE3D_FUZZ", "40"))
fuzzed = settings(
    max_examples=TRIES,
    deadline=None,
    derandomize="POSE3D_FUZZ" not in os.environ,
    suppress_health_check=list(HealthCheck),
)

READERS: dict[str, Callable[[Path], object]] = {
    "result.json": read_json,
    "motion.bvh": read_bvh,
    "keypoints.json": read_keypoints,
    "config.toml": read_config,
    "weights.safetensors": load_checkpoint,
}
HOSTILE: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([None, True, -1, 0, 10**30, 1e308, float("nan"), "", "../..", [], {}, [[]]]),
    st.integers(-(2**70), 2**70),
    st.text(max_size=8),
    st.lists(st.one_of(st.floats(), st.none(), st.text(max_size=2)), max_size=4),
)
CHANGE = st.tuples(
    st.sampled_from(["cut", "drop", "set", "insert", "repeat"]),
    st.floats(0, 1, exclude_max=True),
    st.binary(min_size=1, max_size=8),
)


@pytest.fixture
def seeds(
    film: Callable[..., Path], models: Any, walker: Any, tmp_path: Path
) -> Callable[[str], bytes]:
    """Return a function that makes a valid file for a reader."""

    def make(name: str) -> bytes:
        path = tmp_path / "seed" / name
        path.parent.mkdir()
        if name == "config.toml":
            return (ROOT / "configs" / "small_cpu.toml").read_bytes()
        if name == "weights.safetensors":
            tiny = SasMamba(SasMambaConfig(width=8, depth=1, max_frames=27))
            save_checkpoint(path, tiny, about={"input": "x"})
        elif name == "keypoints.json":
            flat = [number for joint in range(17) for number in (9.5 * joint, 4.5, 0.5)]
            row = {"image_id": 0, "category_id": 1, "keypoints": flat, "score": 0.5}
            path.write_text(json.dumps([row, row | {"image_id": 1}]))
        else:
            clip = film("seed.mp4", size_px=(320, 240), ticks=range(3))
            networks = models(replace(walker, camera=Camera.assumed(320, 240)))
            write(
                estimate(clip, networks, Settings(), watch=Unwatched()), [path], watch=Unwatched()
            )
        return path.read_bytes()

    return make


def changed(data: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    for what, where, new in changes:
        at = int(where * len(data))
        if what == "cut":
            data = data[:at]
        elif what == "drop":
            data = data[:at] + data[at + len(new) :]
        elif what == "set":
            data = data[:at] + new + data[at + len(new) :]
        elif what == "insert":
            data = data[:at] + new + data[at:]
        else:
            data = data[:at] + data[at : at + 64] * new[0] + data[at:]
    return data


def is_read_or_refused(path: Path, read: Callable[[Path], object]) -> None:
    said = "read"
    try:
        read(path)
    except Pose3DError as error:
        said = str(error)
    assert said.strip()


@pytest.mark.parametrize("name", READERS)
def test_changed_bytes_are_read_or_refused(
    name: str, seeds: Callable[[str], bytes], tmp_path: Path
) -> None:
    valid, path = seeds(name), tmp_path / name

    @fuzzed
    @given(st.lists(CHANGE, min_size=1, max_size=3))
    def attack(changes: list[tuple[str, float, bytes]]) -> None:
        path.write_bytes(changed(valid, changes))
        is_read_or_refused(path, READERS[name])

    path.write_bytes(valid)
    READERS[name](path)
    attack()


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value of a document, of long lists only to the first and last."""
    keys: list[Any] = []
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = sorted({0, len(value) - 1} & set(range(len(value))))
    return [way, *(place for key in keys for place in places(value[key], (*way, key)))]


@pytest.mark.parametrize("name", ["result.json", "keypoints.json"])
def test_hostile_values_are_read_or_refused(
    name: str, seeds: Callable[[str], bytes], tmp_path: Path
) -> None:
    valid, path = json.loads(seeds(name)), tmp_path / name
    ways = [way for way in places(valid) if way]

    @fuzzed
    @given(st.lists(st.tuples(st.sampled_from(ways), HOSTILE), min_size=1, max_size=2))
    def attack(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
        document = copy.deepcopy(valid)
        for way, new in changes:
            with contextlib.suppress(KeyError, IndexError, TypeError):
                holder = document
                for key in way[:-1]:
                    holder = holder[key]
                holder[way[-1]] = new
        path.write_text(json.dumps(document))
        is_read_or_refused(path, READERS[name])

    attack()


@pytest.mark.parametrize("name", READERS)
def test_random_bytes_are_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / name

    @fuzzed
    @given(st.binary(max_size=200))
    def attack(data: bytes) -> None:
        path.write_bytes(data)
        is_read_or_refused(path, READERS[name])

    attack()


@pytest.mark.parametrize("name", ["w.pt", "w.safetensors", "w.bin"])
def test_a_pickle_is_refused_with_the_reason_and_never_run(tmp_path: Path, name: str) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "ran",))

    (tmp_path / name).write_bytes(pickle.dumps(Bomb()))

    with pytest.raises(WeightsError) as caught:
        load_checkpoint(tmp_path / name)

    assert "can run code" in str(caught.value.hint)
    assert not (tmp_path / "ran").exists()
