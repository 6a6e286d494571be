"""Pure geometry on NumPy arrays: rotations, cameras, alignment."""
