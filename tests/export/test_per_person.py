from pathlib import Path

from pose3d_cli.export.per_person import one_path_a_person


def test_one_person_gets_the_name_and_several_get_numbers() -> None:
    assert one_path_a_person(Path("out/my.walk.bvh"), 1) == (Path("out/my.walk.bvh"),)
    assert one_path_a_person(Path("out/my.walk.bvh"), 2) == (
        Path("out/my.walk.1.bvh"),
        Path("out/my.walk.2.bvh"),
    )


def test_the_number_stands_before_a_suffix_of_two_parts() -> None:
    paths = one_path_a_person(Path("my.walk.angles.png"), 2, suffix=".angles.png")
    assert paths == (Path("my.walk.1.angles.png"), Path("my.walk.2.angles.png"))
