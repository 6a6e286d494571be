"""Put two lifters' poses beside each other, at some moments of real clips, in one picture.

    python examples/compare_weights.py OLD.safetensors NEW.safetensors sheet.jpg CLIP:FRAME[:ROLL[:WHO]] …

A row a moment: the clip, what the old and what the new weights make of it, obliquely and from the
side. ROLL turns the clip by so many degrees before anybody is found, as if the phone had leant. WHO is
as in ``--person``. People are found once a clip and turn, and kept for the next run.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from pose3d_cli.cli.networks import load_detector
from pose3d_cli.detect.store import DetectionStore
from pose3d_cli.lifting.lifter import SasMambaLifter
from pose3d_cli.pipeline import Models, Settings, estimate
from pose3d_cli.render.overlay import Overlay
from pose3d_cli.render.scene import Scene
from pose3d_cli.render.still import write_still
from pose3d_cli.render.theme import THEMES
from pose3d_cli.sequences import Person, Result
from pose3d_cli.video.reader import probe, read_frames
from pose3d_cli.video.writer import write_video
from pose3d_cli.watch import Unwatched
from pose3d_cli.weights import default_cache_dir

TILE_PX = (232, 300)
"""Width and height."""
GAP_PX, HEAD_PX = 4, 26
AROUND = 0.25
VIEWS_RAD = (0.0, -np.pi / 3)
"""Beside the usual view, which is 30° to the right of the camera: from the side."""
GREY = (114, 114, 114)


@dataclass(frozen=True)
class Moment:
    """A frame of a clip that leans."""

    clip: Path
    frame: int
    roll_deg: float = 0.0
    who: str = "largest"

    @classmethod
    def parse(cls, text: str) -> "Moment":
        """Read ``clip.mp4:112:25:2``."""
        clip, frame, *more = text.split(":")
        roll_deg, who = (*more, *("0", "largest")[len(more) :])
        return cls(Path(clip), int(frame), float(roll_deg), who)


def leaning(clip: Path, roll_deg: float, folder: Path) -> Path:
    """Write the clip turned about its middle, as small as it takes to lose nothing."""
    if not roll_deg:
        return clip
    source, target = probe(clip), folder / f"{clip.stem}_{roll_deg:g}.mp4"
    width, height = source.width_px, source.height_px
    c, s = abs(np.cos(np.radians(roll_deg))), abs(np.sin(np.radians(roll_deg)))
    zoom = min(width / (c * width + s * height), height / (s * width + c * height))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -roll_deg, zoom)

    def pictures() -> Iterator[tuple[np.ndarray, Fraction]]:
        for frame in read_frames(source):
            turned = cv2.warpAffine(frame.rgb, turn, (width, height), borderValue=GREY)
            yield np.asarray(turned, np.uint8), frame.time_s

    write_video(target, pictures(), fps=source.fps)
    return target


def at(person: Person, frame: int) -> Person:
    """Return a person in one frame only, put on the floor so that they are shown large."""
    row = frame - person.poses_2d.first_frame
    only = slice(row, row + 1)
    poses, positions_m = person.poses_2d, person.world.positions_m[only]
    return replace(
        person,
        poses_2d=replace(
            poses,
            first_frame=frame,
            times_s=poses.times_s[only],
            keypoints_px=poses.keypoints_px[only],
            confidence=poses.confidence[only],
            observed=poses.observed[only],
            face=None,
        ),
        poses_3d=replace(
            person.poses_3d,
            times_s=poses.times_s[only],
            positions_m=person.poses_3d.positions_m[only],
            doubt_m=None,
        ),
        world=replace(
            person.world, positions_m=positions_m - [0.0, positions_m[..., 1].min() - 0.07, 0.0]
        ),
        trust=None,
    )


def space(person: Person, frame: int) -> list[np.ndarray]:
    """Draw a person in 3D, from each side."""
    tiles = []
    alone = at(person, frame)
    for turn_rad in VIEWS_RAD:
        c, s = np.cos(turn_rad), np.sin(turn_rad)
        about_y = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        world = replace(alone.world, positions_m=alone.world.positions_m @ about_y.T)
        scene = Scene.of(
            [replace(alone, world=world)],
            width_px=TILE_PX[0],
            height_px=TILE_PX[1],
            theme=THEMES["light"],
        )
        tile = np.empty((TILE_PX[1], TILE_PX[0], 3), np.uint8)
        scene.draw(tile, frame=frame)
        tiles.append(tile)
    return tiles


def picture(result: Result, person: Person, frame: int) -> np.ndarray:
    """Cut a person out of the clip, with the joints that were seen."""
    rgb = next(f.rgb for f in read_frames(result.clip) if f.index >= frame).copy()
    camera = result.camera
    overlay = Overlay.of(
        [person], camera=camera, panel_px=(camera.width_px, camera.height_px), kind="seen"
    )
    overlay.draw(rgb, frame=frame)
    points_px = person.poses_2d.keypoints_px[frame - person.poses_2d.first_frame]
    low, high = points_px.min(axis=0), points_px.max(axis=0)
    middle = (low + high) / 2
    share = ((high - low) * (1 + 2 * AROUND) / TILE_PX).max()
    to_tile = np.array([[1 / share, 0, 0], [0, 1 / share, 0]])
    to_tile[:, 2] = np.array(TILE_PX) / 2 - middle / share
    return np.asarray(cv2.warpAffine(rgb, to_tile, TILE_PX, borderValue=GREY), np.uint8)


def labelled(tiles: list[np.ndarray], words: list[str]) -> np.ndarray:
    """Put tiles side by side under their names."""
    gap = np.full((TILE_PX[1], GAP_PX, 3), 255, np.uint8)
    row = np.concatenate([part for tile in tiles for part in (tile, gap)], axis=1)
    head = np.full((HEAD_PX, row.shape[1], 3), 255, np.uint8)
    for column, text in enumerate(words):
        place = (4 + column * (TILE_PX[0] + GAP_PX), HEAD_PX - 9)
        cv2.putText(head, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (40, 40, 40), 1, cv2.LINE_AA)
    return np.concatenate([head, row])


def main() -> None:
    """Lift every clip with both lifters, and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("moments", type=Moment.parse, nargs="+", metavar="CLIP:FRAME[:ROLL[:WHO]]")
    options = parser.parse_args()
    cache = default_cache_dir()
    detector = load_detector("yolo11n-pose", device="cpu", cache_dir=cache, offline=False)
    store, results = DetectionStore(cache / "detections"), dict[tuple[object, ...], Result]()
    lifters = [SasMambaLifter.from_file(path, device="cpu") for path in (options.old, options.new)]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for moment in options.moments:
            film = leaning(moment.clip, moment.roll_deg, Path(folder))
            both = []
            for lifter in lifters:
                key = (film, moment.who, lifter.sha256)
                if key not in results:
                    settings = Settings(person=moment.who)
                    models = Models(detector, lifter)
                    results[key] = estimate(film, models, settings, watch=Unwatched(), store=store)
                both.append(results[key])
            tiles = [picture(both[0], both[0].people[0], moment.frame)]
            tiles += [tile for r in both for tile in space(r.people[0], moment.frame)]
            names = ["", "old", "old, from the side", "new", "new, from the side"]
            names[0] = f"{moment.clip.stem} {moment.frame}"
            names[0] += f", leaning {moment.roll_deg:g} deg" if moment.roll_deg else ""
            rows.append(labelled(tiles, names))
    write_still(options.sheet, np.concatenate(rows))


if __name__ == "__main__":
    main()
