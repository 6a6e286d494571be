"""Draw our BVH and GLB side by side in Blender: `python render_in_blender.py BVH GLB FRAME PNG`.

Needs the package bpy (Python 3.11): `make test-blender` puts one into .venv-bpy.
"""

import sys
from math import radians
from pathlib import Path
from typing import Any

import bpy
from mathutils import Vector

APART_M = 1.3
SIDES = {"Left": (0.04, 0.35, 0.91, 1), "Right": (0.91, 0.22, 0.03, 1)}
MIDDLE = (0.7, 0.72, 0.76, 1)


def main() -> None:
    """Import both files, build bones that can be seen, and render."""
    bvh, glb, frame, picture = sys.argv[1:]
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    bpy.ops.import_anim.bvh(filepath=bvh, global_scale=0.01, update_scene_fps=True)
    bones = bpy.context.object
    before = set(bpy.data.objects)
    bpy.ops.import_scene.gltf(filepath=glb)
    figures = [thing for thing in set(bpy.data.objects) - before if thing.type == "ARMATURE"]
    scene.frame_set(int(frame))
    for bone in bones.pose.bones:
        draw_bone(bones, bone)
    where = bones.matrix_world @ bones.pose.bones["Hips"].head
    for figure in figures:
        figure.parent = bpy.data.objects.new("Aside", None)
        scene.collection.objects.link(figure.parent)
        figure.parent.location.x = APART_M
    for mesh in (thing for thing in bpy.data.objects if thing.name.startswith("Mannequin")):
        mesh.location.x = 0 if mesh.parent else APART_M
    light_and_camera(scene, where + Vector((APART_M / 2, 0, 0)))
    scene.render.filepath = str(Path(picture).resolve())
    bpy.ops.render.render(write_still=True)


def draw_bone(rig: Any, bone: Any) -> None:
    """Put a cone where a bone is, thick at its head."""
    head, tail = rig.matrix_world @ bone.head, rig.matrix_world @ bone.tail
    along = tail - head
    bpy.ops.mesh.primitive_cone_add(
        radius1=0.035, radius2=0.012, depth=along.length, location=(head + tail) / 2, vertices=24
    )
    bpy.ops.object.shade_smooth()
    cone = bpy.context.object
    cone.rotation_mode = "QUATERNION"
    cone.rotation_quaternion = along.to_track_quat("Z", "Y")
    side = next((colour for name, colour in SIDES.items() if bone.name.startswith(name)), MIDDLE)
    cone.data.materials.append(material(side))
    bpy.ops.mesh.primitive_uv_sphere_add(radius=0.042, location=head)
    bpy.ops.object.shade_smooth()
    bpy.context.object.data.materials.append(material(side))


def material(colour: tuple[float, ...]) -> Any:
    """Return a matt material."""
    made = bpy.data.materials.new("Bone")
    made.use_nodes = True
    surface = made.node_tree.nodes["Principled BSDF"]
    surface.inputs["Base Color"].default_value = colour
    surface.inputs["Roughness"].default_value = 0.6
    return made


def light_and_camera(scene: Any, target: Any) -> None:
    """Set up a floor, a sun, and a camera that looks at the target."""
    bpy.ops.mesh.primitive_plane_add(size=60)
    bpy.context.object.data.materials.append(material((0.35, 0.37, 0.42, 1)))
    bpy.ops.object.light_add(type="SUN", rotation=(radians(40), radians(15), radians(30)))
    bpy.context.object.data.energy = 3
    world = bpy.data.worlds.new("World")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.75, 0.8, 0.9, 1)
    world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0.6
    scene.world = world
    bpy.ops.object.camera_add(location=target + Vector((1.2, -6.2, 0.9)))
    camera = bpy.context.object
    camera.rotation_euler = (
        (target - Vector((0, 0, 0.25)) - camera.location).to_track_quat("-Z", "Y").to_euler()
    )
    camera.data.lens = 50
    scene.camera = camera
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 24
    scene.cycles.use_denoising = True
    scene.render.resolution_x, scene.render.resolution_y = 960, 640


main()
