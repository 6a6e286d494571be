"""What other programs call the joints of our rig, so that they map them without being told.

Where a rig has more spine bones than ours, the one from which neck and clavicles hang has its name.

References: HumanIK and Character Studio (biovision) names, Autodesk's documentation of
MotionBuilder and 3ds Max; Mixamo's rigs as importers show them that drop namespaces; B. Hahne's
conversion of the CMU motion capture data base to BVH; Epic's mannequin; "VRM 1.0 specification",
humanoid bones.
"""

from collections.abc import Mapping
from typing import Literal

BvhNames = Literal["humanik", "mixamo-nocolon", "biovision", "cmu", "unreal", "vrm"]

_OURS = (
    ("Hips", "Spine", "Spine1", "Neck", "Head"),
    ("Shoulder", "Arm", "ForeArm", "Hand"),
    ("UpLeg", "Leg", "Foot"),
)
_THEIRS: Mapping[BvhNames, str] = {
    "humanik": """
        Hips Spine Spine1 Neck Head
        {Left}Shoulder {Left}Arm {Left}ForeArm {Left}Hand
        {Left}UpLeg {Left}Leg {Left}Foot""",
    "mixamo-nocolon": """
        mixamorigHips mixamorigSpine mixamorigSpine1 mixamorigNeck mixamorigHead
        mixamorig{Left}Shoulder mixamorig{Left}Arm mixamorig{Left}ForeArm mixamorig{Left}Hand
        mixamorig{Left}UpLeg mixamorig{Left}Leg mixamorig{Left}Foot""",
    "biovision": """
        Hips Chest Chest2 Neck Head
        {Left}Collar {Left}Shoulder {Left}Elbow {Left}Wrist
        {Left}Hip {Left}Knee {Left}Ankle""",
    "cmu": """
        Hips LowerBack Spine1 Neck Head
        {Left}Shoulder {Left}Arm {Left}ForeArm {Left}Hand
        {Left}UpLeg {Left}Leg {Left}Foot""",
    "unreal": """
        pelvis spine_01 spine_03 neck_01 head
        clavicle_{l} upperarm_{l} lowerarm_{l} hand_{l}
        thigh_{l} calf_{l} foot_{l}""",
    "vrm": """
        hips spine chest neck head
        {left}Shoulder {left}UpperArm {left}LowerArm {left}Hand
        {left}UpperLeg {left}LowerLeg {left}Foot""",
}


def joint_names(preset: BvhNames) -> dict[str, str]:
    """Return what a preset calls the joints of ``RIG``; end sites have no name."""
    theirs = _THEIRS[preset].split()
    names: dict[str, str] = {}
    for side in ("Left", "Right"):
        words = {"Left": side, "left": side.lower(), "l": side[0].lower()}
        ours = [*_OURS[0], *(side + limb for limbs in _OURS[1:] for limb in limbs)]
        names |= {our: their.format(**words) for our, their in zip(ours, theirs, strict=True)}
    return names
