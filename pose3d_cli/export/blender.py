"""FBX and USD: what a BVH becomes in the user's own Blender, which runs beside us.

Both formats want a library of many hundred megabytes or a licence that is not ours; who needs them
has a program that writes them. Files hold the rig and its motion, in metres, one person each.
"""

import importlib.resources
import shutil
import subprocess
import tempfile
from pathlib import Path

from pose3d_cli.errors import DeviceError, Pose3DError
from pose3d_cli.export.bvh import USUAL, write_bvh
from pose3d_cli.export.bvh_style import UNITS_A_METRE, BvhStyle
from pose3d_cli.export.per_person import one_path_a_person
from pose3d_cli.export.whole_clip import over_clip
from pose3d_cli.files import written_whole
from pose3d_cli.sequences import Result

BY_BLENDER = (".fbx", ".usd", ".usdc")
ON_PATH = Path("blender")
PATIENCE_S = 600
"""Half an hour of motion takes Blender about a minute."""


def find_blender(named: Path = ON_PATH) -> Path:
    """Return the program, wherever on the PATH it is.

    Raises:
        DeviceError: there is none.
    """
    found = shutil.which(named)
    if found is None:
        raise DeviceError(
            f"FBX and USD need Blender, but '{named}' is no program that can be run",
            hint="Install it from blender.org, or name it with --blender. GLB needs none.",
        )
    return Path(found)


def write_with_blender(
    path: Path, result: Result, *, style: BvhStyle = USUAL, blender: Path = ON_PATH
) -> tuple[Path, ...]:
    """Write one file per person in the format of the suffix, each as long as the clip; return where.

    Raises:
        DeviceError: there is no Blender.
        OutputError: a file cannot be written.
        Pose3DError: Blender failed.
        ValueError: a motion holds NaN.
    """
    program = find_blender(blender)
    paths = one_path_a_person(path, len(result.people))
    with tempfile.TemporaryDirectory(prefix="pose3d-") as folder:
        for person_path, person in zip(paths, result.people, strict=True):
            bvh = Path(folder) / f"Person{person.id}.bvh"
            write_bvh(bvh, over_clip(person, result.times_s), style=style)
            with written_whole(person_path) as part:
                _convert(program, bvh, part, metres_a_unit=1 / UNITS_A_METRE[style.unit])
    return paths


def _convert(program: Path, bvh: Path, target: Path, *, metres_a_unit: float) -> None:
    source = importlib.resources.files("pose3d_cli.export") / "blender_script.py"
    with importlib.resources.as_file(source) as script:
        quietly = ("--background", "--factory-startup", "--python-exit-code", "1")
        told = (bvh, target.resolve(), str(metres_a_unit))
        command = (program, *quietly, "--python", script, "--", *told)
        try:
            run = subprocess.run(
                command, capture_output=True, text=True, timeout=PATIENCE_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Pose3DError(f"{program} could not be run: {error}") from error
    if run.returncode != 0 or target.stat().st_size == 0:
        *_, last = ["it wrote nothing", *filter(None, (run.stderr or run.stdout).splitlines())]
        raise Pose3DError(
            f"{program} failed: {last}",
            hint="The BVH importer of some Linux packages is broken; take Blender from blender.org.",
        )
