"""Colours: left is blue, right is orange, the middle is grey, whoever looks.

Blue against orange stays apart in every common kind of colour blindness (Okabe and Ito, "Color
Universal Design", 2008), and both stand out from the grey of the trunk.
"""

from dataclasses import dataclass

from pose3d_cli.skeleton import Skeleton

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of people."""

    left: Rgb
    right: Rgb
    middles: tuple[Rgb, ...]
    """Trunk and head of the first person, the second, …: close to grey, so that sides stay clear."""

    def joints(self, skeleton: Skeleton, *, person_id: int) -> tuple[Rgb, ...]:
        """Return each joint's colour; a bone has that of its child, so hips take sides."""
        colours = [self.middle(person_id)] * len(skeleton)
        for left, right in skeleton.mirror_pairs:
            colours[left], colours[right] = self.left, self.right
        return tuple(colours)

    def middle(self, person_id: int) -> Rgb:
        """Return the colour that tells one person from another."""
        return self.middles[(person_id - 1) % len(self.middles)]


ON_DARK = Palette(
    (58, 160, 245),
    (245, 128, 52),
    ((214, 218, 226), (228, 208, 168), (204, 188, 228), (176, 214, 190)),
)
"""For dark rooms, and for the skeleton over a clip."""
ON_LIGHT = Palette(
    (28, 124, 226),
    (236, 104, 22),
    ((132, 140, 156), (150, 130, 88), (140, 118, 172), (140, 150, 112)),
)
OUTLINE: Rgb = (16, 18, 24)
