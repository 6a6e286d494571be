import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose3d_cli.export import html_video
from pose3d_cli.export.html_data import LARGEST, packed
from pose3d_cli.export.html_page import write_html
from pose3d_cli.export.html_video import page_video
from pose3d_cli.export.precision import rounded
from pose3d_cli.sequences import Gravity, Result, Trust
from pose3d_cli.skeleton import H36M17

SHIPPED = Path(html_video.__file__).parent / "viewer"
LARGEST_BUNDLE_BYTES = 2_000_000


class _Page(HTMLParser):
    """Collects scripts by id, and every attribute that could load something."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: dict[str, str] = {}
        self.loads: list[str] = []
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.loads += [value or "" for key, value in attrs if key in {"src", "href"}]
        self._inside = (named.get("id") or "code") if tag == "script" else None

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside is not None:
            self.scripts[self._inside] = self.scripts.get(self._inside, "") + data


def parsed(path: Path) -> tuple[_Page, Any]:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page, json.loads(page.scripts["pose3d-data"])


def unpacked(column: Any) -> np.ndarray:
    steps = np.frombuffer(base64.b64decode(column["data"]), "<i2").reshape(column["shape"])
    return np.asarray(column["offset"] + column["step"] * steps)


def with_clip(result: Result, path: Path) -> Result:
    return replace(result, clip=replace(result.clip, path=path))


def test_it_holds_everybody(pair: Result, tmp_path: Path) -> None:
    write_html(tmp_path / "x.html", pair)
    _, data = parsed(tmp_path / "x.html")
    assert data["times_s"] == pytest.approx(pair.times_s, abs=1e-5)
    for found, person in zip(data["people"], rounded(pair).people, strict=True):
        assert (found["id"], found["start"]) == (person.id, person.poses_2d.first_frame)
        assert found["count"] == len(person.motion.times_s)
        for name, expected, precise in [
            ("joints_m", person.world.positions_m, 0.0005),
            ("keypoints_px", person.poses_2d.keypoints_px, 0.25),
            ("confidence", person.poses_2d.confidence * person.poses_2d.observed, 0.001),
        ]:
            np.testing.assert_allclose(unpacked(found[name]), expected, atol=precise)


def test_it_shows_how_far_joints_can_be_believed_and_which_feet_stand(
    pair: Result, tmp_path: Path
) -> None:
    first, second = (replace(person, trust=None) for person in pair.people)
    frames = len(first.motion.times_s)
    trust = Trust(
        confidence=np.random.default_rng(0).uniform(0, 1, (frames, len(H36M17))),
        stands=np.arange(2 * frames).reshape(frames, 2) % 3 == 0,
        gravity=Gravity(0.0, 0.0, "assumed", 0.5),
        height_m=1.7,
        scale_source="prior",
        fit_error_m=0.01,
    )
    write_html(tmp_path / "x.html", replace(pair, people=(replace(first, trust=trust), second)))
    _, data = parsed(tmp_path / "x.html")
    told, untold = data["people"]
    np.testing.assert_allclose(unpacked(told["certainty"]), trust.confidence, atol=0.006)
    assert told["stands"] == trust.stands.astype(int).tolist()
    assert untold["certainty"] == untold["confidence"]
    assert untold["stands"] == []
    feet = [data["skeleton"]["joints"][foot] for foot in data["skeleton"]["feet"]]
    assert feet == ["left_ankle", "right_ankle"]


def test_it_loads_nothing_from_anywhere(pair: Result, tmp_path: Path) -> None:
    write_html(tmp_path / "x.html", pair)
    page, _ = parsed(tmp_path / "x.html")
    assert page.loads == ["data:,"]
    policy = re.search(r'Security-Policy" content="([^"]+)"', (tmp_path / "x.html").read_text())
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert "http" not in policy[1]


def test_a_small_video_is_inside(pair: Result, film: Callable[..., Path], tmp_path: Path) -> None:
    clip = film("clip.mp4")
    write_html(tmp_path / "x.html", with_clip(pair, clip))
    page, data = parsed(tmp_path / "x.html")
    assert data["video"] == {"kind": "embedded", "type": "video/mp4"}
    assert base64.b64decode(page.scripts["pose3d-video"]) == clip.read_bytes()
    assert "The video is inside this page" in (tmp_path / "x.html").read_text()


def test_a_large_video_stays_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(html_video, "LARGEST_EMBEDDED_BYTES", 9)
    (tmp_path / "clips").mkdir()
    (tmp_path / "pages").mkdir()
    clip = tmp_path / "clips" / "my walk #1.mp4"
    clip.write_bytes(bytes(10))
    video = page_video(clip, page=tmp_path / "pages" / "x.html")
    assert video.document == {"kind": "linked", "href": "../clips/my%20walk%20%231.mp4"}
    assert not video.base64
    assert "keep it where it is" in caplog.text


def test_what_browsers_do_not_play_is_not_put_inside(tmp_path: Path) -> None:
    (tmp_path / "old.avi").write_bytes(bytes(10))
    video = page_video(tmp_path / "old.avi", page=tmp_path / "x.html")
    assert video.document == {"kind": "linked", "href": "old.avi"}
    assert "not for browsers" in video.about


def test_without_the_video_it_says_so_and_names_no_folder(
    pair: Result, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_html(tmp_path / "x.html", pair)
    _, data = parsed(tmp_path / "x.html")
    assert data["video"]["kind"] == "missing"
    assert "secret-folder" not in (tmp_path / "x.html").read_text()
    assert "without it" in caplog.text


def test_no_name_of_a_clip_can_break_the_page(pair: Result, tmp_path: Path) -> None:
    name = "<script>alert(1)<!--{{script}}&lt;'\".mp4"
    write_html(tmp_path / "x.html", with_clip(pair, Path(name)))
    page, data = parsed(tmp_path / "x.html")
    assert data["name"] == name
    assert set(page.scripts) == {"pose3d-data", "code"}
    assert "alert(1)" not in page.scripts["code"]


def test_columns_are_as_fine_as_asked_unless_they_are_too_wide() -> None:
    near = np.linspace(-1, 1, 1000)
    far = np.linspace(-500, 500, 1000)
    assert np.abs(unpacked(packed(near, step=0.001)) - near).max() <= 0.0005 + 1e-9
    assert np.abs(unpacked(packed(far, step=0.001)) - far).max() <= 500 / LARGEST
    assert unpacked(packed(np.full(3, 7.0), step=0.1)).tolist() == [7, 7, 7]


def test_the_bundle_is_small_and_carries_the_licence_of_what_is_in_it() -> None:
    bundle = (SHIPPED / "viewer.min.js").read_text(encoding="utf-8")
    assert len(bundle) < LARGEST_BUNDLE_BYTES
    assert bundle.startswith("/*! pose3d viewer")
    assert "three.js authors" in bundle[:2000]
    assert "Permission is hereby granted, free of charge" in bundle[:2000]
    assert "</script" not in bundle
