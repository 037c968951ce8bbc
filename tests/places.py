"""Where tests keep their files: in memory where there is room, since nothing of theirs outlives them."""

import os
import shutil

# Below this, files of tests stay on the disk: what a run keeps until its end, with room to spare.
ROOM = 4 * 1024**3
MEMORY = "/dev/shm"


def keep_files_in_memory() -> None:
    """Put databases and files of tests where syncing costs nothing, when there is room; a test of the disk
    asks for the disk.
    """
    if os.path.isdir(MEMORY) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)


def place_for_a_server() -> str:
    """Return the folder under which PostgreSQL and S3 of the tests keep their data."""
    return os.environ.get("PYTEST_DEBUG_TEMPROOT", "/tmp")
