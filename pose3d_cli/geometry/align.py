"""Lay one set of points onto another by a rotation, a shift and, if wanted, a change of size."""

import numpy as np
from jaxtyping import Float


def aligned(
    points: Float[np.ndarray, "*n j 3"], *, to: Float[np.ndarray, "*n j 3"], scale: bool = True
) -> Float[np.ndarray, "*n j 3"]:
    """Return ``points`` moved as near to ``to`` as they can get in the sense of least squares.

    Procrustes analysis without reflections (Umeyama, 1991), for each set of points by itself.
    """
    centre, centre_to = points.mean(-2, keepdims=True), to.mean(-2, keepdims=True)
    left, stretch, right = np.linalg.svd(
        np.swapaxes(to - centre_to, -1, -2) @ (points - centre), full_matrices=False
    )
    handed = np.ones_like(stretch)
    handed[..., 2] = np.sign(np.linalg.det(left @ right))
    rotation = (left * handed[..., None, :]) @ right
    moved = (points - centre) @ np.swapaxes(rotation, -1, -2)
    if scale:
        size = np.square(moved).sum((-1, -2), keepdims=True)
        fit = (stretch * handed).sum(-1)[..., None, None]
        moved = moved * (fit / np.where(size > 0, size, 1.0))
    return np.asarray(moved + centre_to)
