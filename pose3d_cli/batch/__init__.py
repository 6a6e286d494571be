"""Many clips in one night: find them, lift each whole or not at all, remember, go on where it broke.

``inputs`` finds clips and where their outputs belong, ``manifest`` remembers what became of each,
``job`` does one of them, ``local`` has workers that can die without harm, ``run`` puts it together.
"""
