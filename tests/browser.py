"""Find a Chromium for the journeys; install Debian's when we may, else say how."""

import os
import shutil
import sys

from tests.debian import apt

# The shell is the same engine without the window, tabs and menus that a test never sees: half the processor.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def find() -> str | None:
    """Return the path of a Chromium on this machine, or None. CHROMIUM names another one."""
    given = os.environ.get("CHROMIUM")
    return given or next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Install Debian's Chromium, quietly: its shell, or the whole where there is no shell; apt's own words
    come out only when it fails.
    """
    updated = apt("update")
    failed = apt("install", "-y", NAMES[0]) and apt("install", "-y", NAMES[1])
    if failed:
        sys.exit(updated + failed)


def main() -> None:
    """Make sure there is one."""
    if find():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stdout.write("Installing Chromium for the journeys…\n")
        install()
    if not find():
        sys.exit("The journeys need Chromium: install the package `chromium`, or set CHROMIUM to its path.")


if __name__ == "__main__":
    main()
