"""A clip is lifted whole or not at all, and not again unless something changed."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pose3d_cli.batch.inputs import Clip
from pose3d_cli.batch.job import Busy, Job, crashed, held, is_settled, perform
from pose3d_cli.batch.manifest import Manifest, Record
from pose3d_cli.batch.sparing import check_spares
from pose3d_cli.cli.detection_options import DetectionOptions
from pose3d_cli.cli.lifting_options import LiftingOptions
from pose3d_cli.errors import OutputError, UsageError
from pose3d_cli.geometry.camera import Camera
from pose3d_cli.watch import Unwatched

MakeJob = Callable[..., Job]


@pytest.fixture
def lift(models: Any, walker: Any) -> Callable[[Job], Record]:
    """Return a function that does a job with networks which know the walker."""
    networks = models(replace(walker, camera=Camera.assumed(320, 240)))
    return lambda job: perform(job, lambda: networks, watch=Unwatched(), timings_s={})


def files(job: Job) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in job.out_dir.rglob("*")
        if path.is_file() and ".pose3d-batch" not in path.parts and path.suffix != ".jsonl"
    }


def test_outputs_appear_and_are_noted(job: MakeJob, lift: Callable[[Job], Record]) -> None:
    record = lift(job())

    assert (record.state, record.frames, record.people) == ("done", 6, 1)
    assert set(files(job())) == {"a.json", "a.bvh"}
    assert {w.path: w.size for w in record.outputs} == {k: len(v) for k, v in files(job()).items()}
    assert Manifest(job().out_dir, private_dir=job().private_dir).latest() == {"a": record}


def test_the_same_clip_is_the_same_bytes(job: MakeJob, lift: Callable[[Job], Record]) -> None:
    lift(job())
    first = files(job())
    lift(job())

    assert files(job()) == first


def test_what_is_done_is_settled_until_something_changes(
    job: MakeJob, lift: Callable[[Job], Record]
) -> None:
    a = job()
    record = lift(a)
    assert is_settled(a, record, retry_failed=True)

    os.utime(a.clip.path, (0, 0))  # the hash is still the same
    assert is_settled(a, record, retry_failed=False)
    other = replace(a, recipe=replace(a.recipe, formats=("json",)))
    assert not is_settled(other, record, retry_failed=False)
    (a.out_dir / "a.bvh").unlink()
    assert not is_settled(a, record, retry_failed=False)
    lift(a)
    a.clip.path.write_bytes(b"another film")
    assert not is_settled(a, record, retry_failed=False)


@pytest.mark.parametrize("linked", [True, False])
def test_no_clip_is_written_over(job: MakeJob, tmp_path: Path, *, linked: bool) -> None:
    a, b = job("a"), job("b")
    beside = a.clip.path.parent
    if linked:
        (tmp_path / "link").symlink_to(beside, target_is_directory=True)
        beside = tmp_path / "link"
    clips = [a.clip.path, b.clip.path]
    drawn = replace(b, recipe=replace(b.recipe, formats=("json", "mp4")))

    with pytest.raises(UsageError, match=r"b\.mp4 is a clip"):
        check_spares(clips, [*a.targets, *replace(drawn, out_dir=beside).targets])
    check_spares(clips, [*replace(a, out_dir=beside).targets, *drawn.targets])


def test_what_is_not_ours_is_not_written_over(
    job: MakeJob, lift: Callable[[Job], Record], film: Callable[..., Path]
) -> None:
    plain = job()
    a = replace(plain, recipe=replace(plain.recipe, formats=("mp4",)))
    precious = a.out_dir / "a.mp4"
    film("other.mp4", size_px=(64, 64), ticks=range(3)).rename(precious)
    before = precious.read_bytes()

    refused = lift(a)
    assert refused.error is not None
    assert (refused.error.exit_code, "not drawn" in refused.error.message) == (6, True)
    assert precious.read_bytes() == before

    precious.unlink()
    assert lift(a).state == lift(a).state == "done"


def test_a_clip_that_is_no_video_failed_for_good_and_says_why(
    job: MakeJob, lift: Callable[[Job], Record]
) -> None:
    a = job()
    a.clip.path.write_text("This is not a video.")
    record = lift(a)

    assert record.error is not None
    assert (record.error.exit_code, "not a video" in record.error.message) == (4, True)
    assert is_settled(a, record, retry_failed=False)
    assert not is_settled(a, record, retry_failed=True)
    assert files(a) == {}


def test_what_is_not_the_clips_fault_is_tried_again(
    job: MakeJob, lift: Callable[[Job], Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    record = lift(job())

    assert record.error is not None
    assert "No space left" in record.error.message
    assert not is_settled(job(), record, retry_failed=False)


def test_a_full_disk_is_told_of_the_file_that_was_wanted(
    job: MakeJob, lift: Callable[[Job], Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, **_: object) -> None:
        raise OutputError(f"cannot write {path / 'a.json'}: No space left on device")

    a = job("a")
    monkeypatch.setattr("pose3d_cli.outputs.write", lambda _, drafts, **__: full(drafts[0].parent))
    record = lift(a)

    assert record.error is not None
    assert record.error.message == f"cannot write {a.out_dir / 'a.json'}: No space left on device"


@pytest.mark.parametrize("outcome", ["done", "crashed"])
def test_a_clip_that_cannot_be_noted_has_failed_and_stops_nobody(
    job: MakeJob, lift: Callable[[Job], Record], outcome: str
) -> None:
    a = job()
    (a.out_dir / "manifest.jsonl").mkdir()

    record = lift(a) if outcome == "done" else crashed(a, "it died", hint=None)

    assert (record.state, record.outputs) == ("failed", ())
    assert record.error is not None
    assert "cannot write" in record.error.message
    assert not is_settled(a, record, retry_failed=False)


def test_a_clip_that_is_gone_is_told(job: MakeJob, lift: Callable[[Job], Record]) -> None:
    a = job()
    a.clip.path.unlink()
    record = lift(a)

    assert record.error is not None
    assert record.error.exit_code == 4


def test_what_a_killed_run_left_is_swept_away(job: MakeJob, lift: Callable[[Job], Record]) -> None:
    a = job()
    left = a.private_dir / "unfinished" / a.key / ".half.mp4"
    left.parent.mkdir()
    left.write_text("half")

    lift(a)

    assert not list((a.private_dir / "unfinished").iterdir())


def test_a_clip_is_held_by_one_run_at_a_time(job: MakeJob) -> None:
    a, b = job(), job("b")
    with held(a, wait=False):
        with pytest.raises(Busy), held(a, wait=False):
            pass
        with held(b, wait=False):
            pass
    with held(a, wait=False):
        pass


def test_another_format_of_a_clip_needs_nobody_to_be_found_again(
    job: MakeJob, models: Any, walker: Any, tmp_path: Path
) -> None:
    recipe = job().recipe
    assert isinstance(recipe.how, LiftingOptions)
    kept = DetectionOptions(cache_dir=tmp_path / "cache")
    a = replace(job(), recipe=replace(recipe, how=replace(recipe.how, detection=kept)))
    filmed = replace(walker, camera=Camera.assumed(320, 240))
    first = perform(a, lambda: models(filmed), watch=Unwatched(), timings_s={})

    other = replace(a, recipe=replace(a.recipe, formats=("glb",)))
    blind = models(filmed, seen_in=())
    again = perform(other, lambda: blind, watch=Unwatched(), timings_s={})

    assert (first.state, again.state) == ("done", "done")
    assert [written.path for written in again.outputs] == ["a.glb"]


@pytest.mark.parametrize("name", ["../up", "a/../../b", "plain"])
def test_a_key_is_a_plain_file_name(job: MakeJob, name: str) -> None:
    key = replace(job(), clip=Clip(Path("x.mp4"), name)).key

    assert key.isalnum()
