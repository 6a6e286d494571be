"""Training of the lifter on recorded motion seen by synthetic cameras."""
