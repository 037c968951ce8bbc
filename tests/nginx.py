"""Find nginx for the tests of what is in front; install Debian's when we may.

Without it those tests are skipped by name.
"""

import os
import shutil
import subprocess
import sys

from tests.debian import apt
from tools.cluster.nginx import find_nginx


def install() -> None:
    """Install Debian's nginx, quietly, and stop the one that Debian starts at once: the tests run their own."""
    sys.stdout.write(apt("update") or apt("install", "-y", "--no-install-recommends", "nginx"))
    program = find_nginx()
    if program is not None:
        subprocess.run([program, "-s", "stop"], check=False, stderr=subprocess.DEVNULL)


def main() -> None:
    """Make sure there is one, or say what is left out."""
    if find_nginx() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stdout.write("Installing nginx for the tests of what is in front…\n")
        install()
    if find_nginx() is None:
        sys.stdout.write("Without nginx its tests are skipped: install the package `nginx`.\n")


if __name__ == "__main__":
    main()
