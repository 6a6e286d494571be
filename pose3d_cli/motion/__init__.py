"""From poses about their own root to a rig with constant bones that moves in the world."""
