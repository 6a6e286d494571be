"""Colours: left is blue, right is orange, the middle is pale, whoever looks.

Blue against orange stays apart in every common kind of colour blindness (Okabe and Ito, "Color
Universal Design", 2008), and both stand out from the grey of the trunk.
"""

from pose3d_cli.skeleton import Skeleton

Rgb = tuple[int, int, int]

LEFT: Rgb = (58, 160, 245)
RIGHT: Rgb = (245, 128, 52)
MIDDLES: tuple[Rgb, ...] = ((214, 218, 226), (228, 208, 168), (204, 188, 228), (176, 214, 190))
"""Trunk and head of the first person, the second, …: close to grey, so that sides stay clear."""
OUTLINE: Rgb = (16, 18, 24)


def joint_colours(skeleton: Skeleton, *, person_id: int) -> tuple[Rgb, ...]:
    """Return each joint's colour; a bone has that of its child, so shoulders and hips take sides."""
    colours = [MIDDLES[(person_id - 1) % len(MIDDLES)]] * len(skeleton)
    for left, right in skeleton.mirror_pairs:
        colours[left], colours[right] = LEFT, RIGHT
    return tuple(colours)
