from pose3d_cli.evaluation.conditions import Conditions
from pose3d_cli.evaluation.suite import suite_of


def test_every_protocol_is_changed_in_every_way_once() -> None:
    names = [conditions.name for conditions in suite_of(Conditions())]

    changes = ["", " noise=0", " frames=120", " frames=60", " frames=30"]
    changes += [" roll_deg=25", " pitch_deg=30"]
    assert names == [
        protocol + change
        for protocol in ("realistic/1", "unified/1", "marked/1")
        for change in changes
    ]


def test_what_the_base_says_holds_for_all() -> None:
    suite = suite_of(Conditions(cameras=2, seed=3), protocols=["unified/1"])

    assert {(c.protocol, c.cameras, c.seed) for c in suite} == {("unified/1", 2, 3)}
