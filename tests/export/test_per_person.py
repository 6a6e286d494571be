from pathlib import Path

from pose3d_cli.export.per_person import one_path_a_person


def test_one_person_gets_the_name_and_several_get_numbers() -> None:
    assert one_path_a_person(Path("out/my.walk.bvh"), 1) == (Path("out/my.walk.bvh"),)
    assert one_path_a_person(Path("out/my.walk.bvh"), 2) == (
        Path("out/my.walk.1.bvh"),
        Path("out/my.walk.2.bvh"),
    )
