"""Other lifters' networks, for checkpoints that people have: written here from the papers."""
