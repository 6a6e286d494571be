"""Lift people in ordinary video to 3D motion."""

__version__ = "0.1.0"
