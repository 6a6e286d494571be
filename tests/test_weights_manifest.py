"""Facts about the list of weights that ships with pose3d."""

import string
from pathlib import Path

import pytest

from pose3d_cli.sources import Web, Wheel
from pose3d_cli.weights import manifest


def test_every_name_and_file_of_the_manifest_is_its_own() -> None:
    entries = manifest()

    assert len({e.name for e in entries} | {e.file for e in entries}) == 2 * len(entries)
    assert all(Path(e.file).stem == e.name for e in entries)


def test_hashes_of_the_manifest_are_sha256_and_differ() -> None:
    hashes = [e.sha256 for e in manifest() if e.sha256 is not None]

    assert all(len(h) == 64 and set(h) <= set(string.hexdigits.lower()) for h in hashes)
    assert len(set(hashes)) == len(hashes)


def test_every_source_of_the_manifest_offers_the_file_of_its_entry() -> None:
    for entry in manifest():
        for source in entry.sources:
            assert isinstance(source, Web | Wheel)
            offered = source.url if isinstance(source, Web) else source.member
            assert offered.endswith(f"/{entry.file}")


def test_an_entry_without_a_published_hash_has_one_source() -> None:
    assert all(len(e.sources) <= 1 for e in manifest() if e.sha256 is None)


def test_the_default_detector_can_be_had_from_a_package_index() -> None:
    entry = next(e for e in manifest() if e.name == "yolo11n-pose")

    assert any(isinstance(source, Wheel) for source in entry.sources)


def test_a_key_the_manifest_does_not_know_is_an_error(tmp_path: Path) -> None:
    known = 'name = "a"\nrole = "lifter"\nfile = "a.safetensors"\nlicence = "CC0-1.0"\n'
    (tmp_path / "m.toml").write_text(f"[[weights]]\n{known}")
    assert [entry.name for entry in manifest(tmp_path / "m.toml")] == ["a"]

    (tmp_path / "m.toml").write_text(f'[[weights]]\n{known}colour = "red"\n')

    with pytest.raises(TypeError, match="colour"):
        manifest(tmp_path / "m.toml")
