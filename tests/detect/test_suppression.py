import numpy as np

from pose3d_cli.detect.suppression import people_in


def row(x: float, y: float, *, score: float, side: float = 10.0) -> np.ndarray:
    """Return what a network says of a square box about a point, all keypoints in its middle."""
    return np.array([x, y, side, side, score, *[x, y, 0.9] * 17])


def output(*rows: np.ndarray) -> np.ndarray:
    return np.array(rows).T.reshape(56, -1).astype(np.float32)


def test_of_boxes_on_one_person_the_best_is_kept() -> None:
    found = people_in(output(row(50, 50, score=0.6), row(51, 50, score=0.9)), min_score=0.1)

    assert len(found) == 1
    np.testing.assert_allclose(found[0, :5], [46, 45, 56, 55, 0.9], rtol=1e-6)


def test_people_side_by_side_are_two_best_first() -> None:
    found = people_in(output(row(50, 50, score=0.6), row(57, 50, score=0.9)), min_score=0.1)

    np.testing.assert_allclose(found[:, 4], [0.9, 0.6], rtol=1e-6)
    np.testing.assert_allclose(found[:, 5], [57, 50])


def test_who_overlaps_only_somebody_who_was_dropped_is_kept() -> None:
    chain = [row(x, 50, score=score, side=100) for x, score in ((50, 0.9), (65, 0.8), (80, 0.7))]

    assert people_in(output(*chain), min_score=0.1)[:, 5].tolist() == [50, 80]


def test_the_faint_are_not_reported() -> None:
    assert people_in(output(row(50, 50, score=0.1)), min_score=0.1).shape == (0, 56)


def test_nobody_is_no_rows() -> None:
    assert people_in(np.zeros((56, 0), np.float32), min_score=0.1).shape == (0, 56)


def test_of_several_kinds_of_people_the_likeliest_counts() -> None:
    one = np.insert(row(50, 50, score=0.2), 5, [0.8, 0.1])[:, None].astype(np.float32)

    (found,) = people_in(one, min_score=0.1)

    np.testing.assert_allclose(found[4:8], [0.8, 50, 50, 0.9], rtol=1e-6)


def test_networks_without_doubles_are_taken_at_their_word() -> None:
    said = np.zeros((300, 57), np.float32)
    said[0, :6] = [46, 45, 56, 55, 0.8, 0]
    said[1, :6] = [46, 45, 56, 55, 0.9, 0]
    said[:2, 6:] = 7

    found = people_in(said, min_score=0.1)

    np.testing.assert_allclose(found[:, 4], [0.9, 0.8], rtol=1e-6)
    assert (found[:, 5:] == 7).all()
