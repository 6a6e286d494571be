"""Does it cost anything to let Ray hand out the clips? The same batch by either kind of worker, in turn.

    python -m bench.engines --clips 16 --frames 30 --workers 2 --rounds 3

Makes clips from the sample, starts a Ray cluster of one-core nodes on this machine, and lifts the clips
with as many local workers as there are nodes, then with Ray's, again and again. Every run is a process of
its own that loads the networks anew; seconds are from its start to its end.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from ray.cluster_utils import Cluster

from bench.batch import finish, make_clips


def seconds(clips: Path, out: Path, *, count: int, options: list[str]) -> float:
    """Return how long a batch takes.

    Raises:
        SystemExit: not all clips were lifted.
    """
    code, said, spent_s = finish(clips, out, "--force", "--no-cache", "--device", "cpu", *options)
    if code or f"{count} done" not in said:
        sys.exit(said)
    return spent_s


def main() -> None:
    """Make the clips, start the nodes, take turns, tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=16)
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    workers = ["--jobs", str(arguments.workers)]
    with tempfile.TemporaryDirectory() as name:
        clips = Path(name) / "clips"
        count, frames = arguments.clips, arguments.frames
        make_clips(clips, count=count, frames_each=frames, broken_one_in=count + 1)
        cluster: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        for _ in range(arguments.workers - 1):
            cluster.add_node(num_cpus=1)
        cluster.wait_for_nodes()
        engines = {"local": workers, "ray": ["--engine", "ray", "--address", cluster.address]}
        spent: dict[str, list[float]] = {engine: [] for engine in engines}
        for number in range(arguments.rounds + 1):  # the first is a warm-up: exports, compiling
            for engine, options in engines.items():
                took = seconds(clips, Path(name) / engine, count=count, options=options)
                print(f"round {number}: {engine} {took:.1f} s", flush=True)
                spent[engine] += [took] if number else []
        cluster.shutdown()
    ratios = [a / b for a, b in zip(spent["local"], spent["ray"], strict=True)]
    print(f"{count} clips of {frames} frames, {arguments.workers} workers, medians:")
    for engine, took_s in spent.items():
        print(f"  {engine}: {statistics.median(took_s):.1f} s")
    print(f"  Ray's throughput / local: {statistics.median(ratios):.2f} ({sorted(ratios)})")


if __name__ == "__main__":
    main()
