"""The animation of a GLB: who is where, turned how, and whether to be seen."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64

from pose3d_cli.export.gltf import Gltf
from pose3d_cli.geometry.rotations import unit, without_sign_flips
from pose3d_cli.sequences import Motion, Pose2DSequence

XYZW = [1, 2, 3, 0]
"""Where our quaternions have the components that glTF wants, in its order."""


@dataclass(slots=True)
class Keys:
    """One animation that grows."""

    samplers: list[dict[str, object]] = field(default_factory=list)
    channels: list[dict[str, object]] = field(default_factory=list)

    def animation(self, *, name: str) -> dict[str, object]:
        """Return the animation."""
        return {"name": name, "samplers": self.samplers, "channels": self.channels}

    def move(
        self,
        gltf: Gltf,
        motion: Motion,
        *,
        joints: list[int],
        clip_times_s: Float64[np.ndarray, " f"],
    ) -> None:
        """Let a rig's nodes do a motion."""
        times = gltf.add_array((motion.times_s - clip_times_s[0]).astype(np.float32))
        places_m = gltf.add_array(motion.root_m.astype(np.float32))
        self._add(joints[0], "translation", times=times, values=places_m)
        turns = without_sign_flips(unit(motion.rotations_wxyz))[..., XYZW].astype(np.float32)
        for joint in sorted(set(motion.skeleton.parents) - {-1}):
            self._add(
                joints[joint], "rotation", times=times, values=gltf.add_array(turns[:, joint])
            )

    def hide_while_absent(
        self,
        gltf: Gltf,
        seen: Pose2DSequence,
        *,
        body: int,
        clip_times_s: Float64[np.ndarray, " f"],
    ) -> None:
        """Shrink a person to nothing before they come and after they have gone.

        Otherwise they would stand there as in their first or last frame. Scaling by 0 is how a
        glTF 2.0 animation makes things invisible (section 3.5.3 of the specification).
        """
        start, after = seen.first_frame, seen.first_frame + len(seen.times_s)
        frames = sorted({frame for frame in (0, start, after) if frame < len(clip_times_s)})
        if frames == [0]:
            return
        times_s = (clip_times_s[frames] - clip_times_s[0]).astype(np.float32)
        there = np.array([[start <= frame < after] * 3 for frame in frames], np.float32)
        times, sizes = gltf.add_array(times_s), gltf.add_array(there)
        self._add(body, "scale", times=times, values=sizes, interpolation="STEP")

    def _add(
        self, node: int, path: str, *, times: int, values: int, interpolation: str = "LINEAR"
    ) -> None:
        sampler = {"input": times, "output": values, "interpolation": interpolation}
        target = {"node": node, "path": path}
        self.samplers.append(sampler)
        self.channels.append({"sampler": len(self.samplers) - 1, "target": target})
