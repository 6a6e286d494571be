"""Motion to learn from: recorded bodies, and synthetic cameras and detectors that see them."""
