"""Files that only their owner may read."""

import os
from pathlib import Path


def write_private(path: Path, text: str, *, durably: bool = False) -> None:
    """Replace the file in one step, mode 0600 from the first byte; a crash of ours leaves the old one or the new one.

    So does a loss of power where it is written ``durably``, which takes the disk's time.
    """
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        if durably:
            file.flush()
            os.fsync(file.fileno())
    unfinished.replace(path)
    if durably:
        flush_directory(path.parent)


def flush_directory(directory: Path) -> None:
    """Make renames in ``directory`` survive a loss of power."""
    descriptor = os.open(directory, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
