"""`lift` and `batch` take the same options, and a batch knows when one of them has changed."""

from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import typer

from pose3d_cli.batch.recipe import Recipe
from pose3d_cli.cli import app
from pose3d_cli.cli.bvh_options import BvhOptions
from pose3d_cli.cli.detection_options import DetectionOptions
from pose3d_cli.cli.filming_options import FilmingOptions, TurnOptions
from pose3d_cli.cli.lifting_options import LiftingOptions
from pose3d_cli.cli.look_options import LookOptions
from pose3d_cli.cli.motion_options import MotionOptions
from pose3d_cli.cli.part_options import PartOptions
from pose3d_cli.errors import Pose3DError, UsageError
from pose3d_cli.motion.settings import Root

WHERE = {"cache_dir", "offline", "cache", "detector", "lifter"}
"""What says where things are, not what they are: the content of the weights is hashed."""


@pytest.fixture
def how(tmp_path: Path) -> LiftingOptions:
    return LiftingOptions(
        motion=MotionOptions(),
        part=PartOptions(),
        film=FilmingOptions(turn=TurnOptions()),
        look=LookOptions(),
        bvh=BvhOptions(),
        detection=DetectionOptions(cache_dir=tmp_path),
    )


def options_of(command: str) -> set[str]:
    group: Any = typer.main.get_command(app)
    return {option for p in group.commands[command].params for option in p.opts}


def test_batch_takes_all_options_of_lift_but_those_about_one_clip() -> None:
    alone = {"video", "--no-video", "--keypoints", "--record", "--overwrite", "-y"}
    assert options_of("lift") - options_of("batch") == alone


def test_videos_of_those_in_a_hurry_are_encoded_quickly(how: LiftingOptions) -> None:
    assert how.render_settings().encoding == "small"
    assert replace(how, fast=True).render_settings().encoding == "quick"


OTHERS = {float: 1.5, int: 720, str: "another", Path: Path("elsewhere"), Root: Root.CAMERA}


def another(hint: Any, value: object) -> object:
    """Return a value that the field takes too."""
    if hint is bool:
        return not value
    allowed = get_args(hint) or (hint,)
    return next(OTHERS.get(a, a) for a in allowed if a != value)


def changed(group: Any) -> list[tuple[str, Any]]:
    """Return each field's name with a copy of the group in which only that field is another."""
    found, hints = [], get_type_hints(type(group))
    for field in fields(group):
        value = getattr(group, field.name)
        inner = (
            changed(value)
            if is_dataclass(value)
            else [(field.name, another(hints[field.name], value))]
        )
        found += [(name, replace(group, **{field.name: other})) for name, other in inner]
    return found


def test_every_option_that_outputs_depend_on_is_in_the_configuration_hash(
    how: LiftingOptions,
) -> None:
    def sha256(choices: LiftingOptions, *, weights: tuple[str, ...] = ("0", "f")) -> str:
        return Recipe(how=choices, weights=weights, formats=("json",)).sha256

    names = [name for name, _ in changed(how)]
    assert len(names) == len(set(names)) > 25
    assert {name for name, other in changed(how) if sha256(other) == sha256(how)} == WHERE
    assert sha256(how, weights=("1", "f")) != sha256(how)


def test_the_hash_is_of_what_users_wrote_in_whatever_types_it_arrives(how: LiftingOptions) -> None:
    typed = replace(how, motion=replace(how.motion, root=Root.CAMERA, height="1.8"))

    assert len(Recipe(how=typed, weights=(), formats=()).sha256) == 64


@pytest.mark.parametrize(
    ("text", "heights_m"),
    [(None, [None, None]), ("1.8", [1.8, 1.8]), ("2=1.65,7=1.9", [None, 1.65])],
)
def test_heights_are_told_of_everybody_or_by_number(
    text: str | None, heights_m: list[float | None]
) -> None:
    settings = MotionOptions(height=text).settings()
    assert [settings.height_of(number) for number in (1, 2)] == heights_m


def test_names_become_files_with_their_hashes(how: LiftingOptions, tmp_path: Path) -> None:
    detector, lifter = tmp_path / "d.pt", tmp_path / "l.bin"
    detector.write_bytes(b"d")
    lifter.write_bytes(b"l")
    named = replace(
        how, lifter=f"motionbert:{lifter}", detection=replace(how.detection, detector=str(detector))
    )

    there, weights = named.fetched()

    assert (there.detection.detector, there.lifter) == (str(detector), f"motionbert:{lifter}")
    assert there.detection.cache_dir.is_absolute()
    assert weights[0] != weights[1].removeprefix("motionbert:") != weights[1]
    lifter.unlink()
    with pytest.raises(Pose3DError, match=r"l\.bin does not exist"):
        named.fetched()


@pytest.mark.parametrize(
    "senseless",
    [
        {"person": "somebody"},
        {"person": "all", "fast": True},
        {"person": "2", "quality": "fast"},
        {"fast": True, "quality": "best"},
        {"part": PartOptions(start=3.0, end=2.0)},
        {"part": PartOptions(end=2.0, duration=2.0)},
        {"part": PartOptions(duration=0.0)},
        {"part": PartOptions(fps="fast")},
        {"motion": MotionOptions(height="178")},
        {"motion": MotionOptions(height="nan")},
        {"motion": MotionOptions(height="1=1.8,1.7")},
        {"motion": MotionOptions(height="tall=1.8")},
        {"film": FilmingOptions(turn=TurnOptions(rotate=45))},
        {"film": FilmingOptions(turn=TurnOptions(rotate=-90))},
        {"film": FilmingOptions(turn=TurnOptions(), slow_motion="0")},
        {"film": FilmingOptions(turn=TurnOptions(), slow_motion="1/0")},
        {"film": FilmingOptions(turn=TurnOptions(), slow_motion="slow")},
    ],
)
def test_what_makes_no_sense_is_refused(how: LiftingOptions, senseless: dict[str, Any]) -> None:
    how.check()
    with pytest.raises(UsageError):
        replace(how, **senseless).check()


def test_a_duration_begins_at_the_start() -> None:
    stretch = PartOptions(start=1.5, duration=0.1).stretch()

    assert (stretch.start_s, stretch.end_s) == (Fraction("1.5"), Fraction("1.6"))
