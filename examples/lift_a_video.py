"""Lift a video from Python.

Run ``python examples/lift_a_video.py clip.mp4``; ``pose3d_cli/api.py`` has all that can be chosen, and
``pose3d_cli/sequences.py`` says what the result holds.
"""

import sys

from pose3d_cli import lift

if __name__ == "__main__":
    result = lift(sys.argv[1])
    for person in result.people:
        frames, joints, _ = person.world.positions_m.shape
        print(f"person {person.id}: {frames} frames × {joints} joints, in metres")
