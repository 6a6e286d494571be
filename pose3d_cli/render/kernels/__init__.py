"""Loops over pixels, compiled by numba: they run without the interpreter's lock, on any thread."""

from pose3d_cli import compiled

jit = compiled.jit()
