"""Runs inside Blender: read a BVH, write what the suffix of the target asks for.

blender --background --python blender_script.py -- motion.bvh target.fbx METRES_A_UNIT
"""

import sys

import bpy

source, target, metres_a_unit = sys.argv[sys.argv.index("--") + 1 :]
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_anim.bvh(
    filepath=source,
    global_scale=float(metres_a_unit),
    update_scene_fps=True,
)
(rig,) = bpy.data.objects
first, last = rig.animation_data.action.frame_range
scene = bpy.context.scene
scene.frame_start, scene.frame_end = int(first), int(last)
if target.endswith(".fbx"):
    bpy.ops.export_scene.fbx(
        filepath=target,
        object_types={"ARMATURE"},
        add_leaf_bones=False,
        apply_scale_options="FBX_SCALE_ALL",  # else game engines see a rig scaled by 100
        bake_anim_use_nla_strips=False,
        bake_anim_use_all_actions=False,
        bake_anim_simplify_factor=0.0,
    )
else:
    bpy.ops.wm.usd_export(filepath=target, export_animation=True)
