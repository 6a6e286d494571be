"""How users name a lifter."""

from pathlib import Path


def kind_and_file(name: str) -> tuple[str, str]:
    """Split ``KIND:FILE``; the kind is empty for a SasMamba, by name or file."""
    kind, colon, file = name.partition(":")
    # A drive letter of Windows is no kind.
    return (kind, file) if colon and len(kind) > 1 and not Path(name).is_file() else ("", name)
