"""A batch hands out what is left to do, and stops, goes on or waits as it was told."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pose3d_cli.batch.job import Job
from pose3d_cli.batch.manifest import Failure, Fingerprint, Manifest, Record
from pose3d_cli.batch.pool import Died, Event, Finished
from pose3d_cli.batch.run import TRIES, Policy, Summary, run, split
from pose3d_cli.downloads import sha256_of
from pose3d_cli.errors import WeightsError

MakeJob = Callable[..., Job]


def record_of(job: Job, *, exit_code: int = 0) -> Record:
    stat = job.clip.path.stat()
    fingerprint = Fingerprint(stat.st_size, stat.st_mtime_ns, sha256_of(job.clip.path))
    done = Record(
        job.clip.name, str(job.clip.path), fingerprint, job.recipe.sha256, "done", "2026-01-01"
    )
    return replace(done, state="failed", error=Failure("x", exit_code)) if exit_code else done


@pytest.fixture
def batch(silent: Any) -> Callable[..., Summary]:
    """Return a function that does jobs with a pool."""

    def do(jobs: list[Job], pool: Any, **how: bool) -> Summary:
        manifest = Manifest(jobs[0].out_dir, private_dir=jobs[0].private_dir)
        policy = Policy(**how)
        todo, summary = split(jobs, manifest, policy)
        run(todo, summary, manifest=manifest, pool=pool, policy=policy, audience=silent)
        assert pool.closed
        return summary

    return do


def note(job: Job, **how: Any) -> Record:
    record = record_of(job, **how)
    Manifest(job.out_dir, private_dir=job.private_dir).append(record)
    return record


def test_failures_do_not_stop_the_others(job: MakeJob, pool: Any, batch: Any) -> None:
    jobs = [job("a"), job("b"), job("c")]
    workers = pool(lambda j: Finished(j, record_of(j, exit_code=4 * (j.clip.name == "b"))))

    summary = batch(jobs, workers)

    assert [r.name for r in summary.done] == ["a", "c"]
    assert [r.name for r in summary.failed] == ["b"]


def test_the_second_run_does_nothing_but_repeats_what_failed(
    job: MakeJob, pool: Any, batch: Any
) -> None:
    jobs = [job("a"), job("b"), job("c")]
    for one, exit_code in zip(jobs, (0, 4, 6), strict=True):
        note(one, exit_code=exit_code)
    workers = pool(lambda j: Finished(j, record_of(j)))

    summary = batch(jobs, workers)

    assert workers.submitted == [("c", False)]  # not the clip's fault
    assert ([r.name for r in summary.failed], summary.skipped) == (["b"], 1)


@pytest.mark.parametrize(
    ("how", "again"), [({"retry_failed": True}, ["b"]), ({"force": True}, ["a", "b"])]
)
def test_what_is_settled_can_be_done_again(
    job: MakeJob, pool: Any, batch: Any, how: dict[str, bool], again: list[str]
) -> None:
    jobs = [job("a"), job("b")]
    note(jobs[0])
    note(jobs[1], exit_code=4)
    workers = pool(lambda j: Finished(j, record_of(j)))

    batch(jobs, workers, **how)

    assert [name for name, _ in workers.submitted] == again


def test_fail_fast_stops_at_the_first_new_failure(job: MakeJob, pool: Any, batch: Any) -> None:
    jobs = [job("a"), job("b"), job("c")]
    note(jobs[0], exit_code=4)
    workers = pool(lambda j: Finished(j, record_of(j, exit_code=5)))

    batch(jobs, workers, fail_fast=True)

    assert [name for name, _ in workers.submitted] == ["b"]


def test_what_another_run_holds_comes_last_and_is_waited_for(
    job: MakeJob, pool: Any, batch: Any
) -> None:
    jobs = [job("a"), job("b")]
    seen: list[str] = []

    def work(j: Job) -> Event:
        seen.append(j.clip.name)
        return Finished(j, None if seen == ["a"] else record_of(j))

    workers = pool(work)
    summary = batch(jobs, workers)

    assert workers.submitted == [("a", False), ("b", False), ("a", True)]
    assert len(summary.done) == 2


def test_what_another_run_did_meanwhile_is_not_done_again(
    job: MakeJob, pool: Any, batch: Any
) -> None:
    jobs = [job("a"), job("b")]

    def work(j: Job) -> Event:
        note(jobs[1])
        return Finished(j, record_of(j))

    workers = pool(work)
    summary = batch(jobs, workers)

    assert [name for name, _ in workers.submitted] == ["a"]
    assert summary.skipped == 1


def test_what_failed_for_another_run_meanwhile_is_a_failure_here_too(
    job: MakeJob, pool: Any, batch: Any
) -> None:
    jobs = [job("a"), job("b")]

    def work(j: Job) -> Event:
        note(jobs[1], exit_code=4)
        return Finished(j, record_of(j))

    assert [r.name for r in batch(jobs, pool(work)).failed] == ["b"]


def test_a_clip_that_kills_its_worker_has_failed_and_will_be_tried_by_the_next_run(
    job: MakeJob, pool: Any, batch: Any
) -> None:
    jobs = [job("a"), job("b")]
    workers = pool(
        lambda j: Died(j, "out of memory") if j.clip.name == "a" else Finished(j, record_of(j))
    )

    summary = batch(jobs, workers)

    assert [r.error.message for r in summary.failed] == ["out of memory"]
    assert len(summary.done) == 1
    again = pool(lambda j: Finished(j, record_of(j)))
    batch(jobs, again)
    assert again.submitted[0] == ("a", False)


def test_a_lost_machine_is_not_the_clips_fault(job: MakeJob, pool: Any, batch: Any) -> None:
    lost = pool(lambda j: Died(j, "node lost", try_again=True))

    summary = batch([job("a")], lost)

    assert len(lost.submitted) == TRIES
    assert len(summary.failed) == 1


def test_networks_that_cannot_be_loaded_stop_everything(
    job: MakeJob, pool: Any, batch: Any
) -> None:
    workers = pool(lambda j: Finished(j, record_of(j, exit_code=3)))

    with pytest.raises(WeightsError):
        batch([job("a"), job("b")], workers)

    assert (len(workers.submitted), workers.closed) == (1, True)
