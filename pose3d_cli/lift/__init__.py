"""From joints in the picture to joints in space: the SasMamba network and what feeds it.

lifter ← checkpoint ← model ← blocks ← {scan, structure_conv}; windows, normalise and config are
at the bottom and know no network.
"""
