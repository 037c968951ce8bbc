"""Install packages of Debian that the tests use."""

import os
import subprocess


def apt(*words: str) -> str:
    """Run apt-get; return the end of what it says when it fails, else nothing."""
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        ["apt-get", *words], env=env, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return f"apt-get {' '.join(words)} failed:\n{done.stdout[-2000:]}\n" if done.returncode else ""
