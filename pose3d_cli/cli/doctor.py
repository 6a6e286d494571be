"""``pose3d doctor``: is everything there that pose3d needs, and which of it will be used?"""

import json
import platform
from pathlib import Path

import typer

from pose3d_cli import __version__
from pose3d_cli.cli.options import DETECTOR, AsJson, CacheDir
from pose3d_cli.errors import Pose3DError

PACKAGES = ("torch", "ultralytics", "onnxruntime", "openvino", "numba", "numpy", "scipy")
ENCODERS = ("libx264", "aac")


def doctor(cache_dir: CacheDir, as_json: AsJson = False) -> None:
    """Check this installation: versions, devices, codecs, weights. Exit code 1 if one is broken."""
    facts = {
        "pose3d": __version__,
        "python": f"{platform.python_version()} on {platform.platform()}",
        **{name: _version(name) for name in PACKAGES},
        **_devices(),
        "opencv": _opencv(),
        "video": _codecs(),
        **_weights(cache_dir),
    }
    broken = _broken(facts)
    if as_json:
        typer.echo(json.dumps({"ok": not broken, "facts": facts}))
    else:
        for name, fact in facts.items():
            typer.echo(f"{name:<21}{fact}")
    if broken:
        error = Pose3DError(
            f"broken: {', '.join(broken)}",
            hint="Install pose3d again: pip install --force-reinstall . in its folder.",
        )
        error.is_told = as_json
        raise error


def _version(package: str) -> str:
    import importlib.metadata

    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"


def _broken(facts: dict[str, str]) -> list[str]:
    # Two are optional; the third is fetched, again if need be, when it is first used.
    needed = set(facts) - {"onnxruntime", "openvino", DETECTOR}
    return [name for name in sorted(needed) if facts[name].startswith(("missing", "damaged"))]


def _devices() -> dict[str, str]:
    try:
        import torch
    except (ImportError, OSError) as error:
        return {"device": f"missing: {error}"}
    from pose3d_cli.detect.networks import LABELS, choose_backend
    from pose3d_cli.device import choose_device

    device = choose_device("auto")
    name = torch.cuda.get_device_name() if device == "cuda" else platform.processor()
    return {
        "device": f"{device} ({name or platform.machine()}, {torch.get_num_threads()} threads)",
        "detector": LABELS[choose_backend("auto", device=device)],
    }


def _opencv() -> str:
    try:
        import cv2
    except (ImportError, OSError) as error:  # mostly libGL, which servers lack
        return f"missing: {error}"
    return str(cv2.__version__)


def _codecs() -> str:
    try:
        import av
    except (ImportError, OSError) as error:
        return f"missing: {error}"
    if lacking := [name for name in ENCODERS if name not in av.codecs_available]:
        return f"missing: PyAV {av.__version__} cannot write {' and '.join(lacking)}"
    return f"PyAV {av.__version__}, writes {' and '.join(ENCODERS)}"


def _weights(cache_dir: Path) -> dict[str, str]:
    from pose3d_cli import weights

    return {
        entry.name: f"{weights.state(entry, cache_dir=cache_dir)} ({entry.licence})"
        for entry in weights.manifest()
        if entry.is_shipped or entry.name == DETECTOR
    }
