"""A child that a file has taken over: it makes links, under the names of what it should make, to a file of
ours, whose path is its input.
"""

import json
import os
import sys

NAMES = ("output.mp4", "output.pdf", "output.html", "poster.png", "inner-0", "made-0", "joined.pdf", "logo")


def main() -> None:
    """Leave the links, an answer (or a link in its place, as asked), and end as asked."""
    with open("input") as file:
        secret = file.read()
    for name in (*NAMES, "program.log"):
        os.symlink(secret, name)
    answer = {"name": "output.mp4", "seconds": 1, "is_cut": False, "rows": None, "pages": [1], "files": []}
    if os.path.basename(secret).startswith("answer"):
        os.symlink(secret, "answer.json")
    else:
        with open("answer.json", "w") as said:
            json.dump(answer, said)
    sys.exit(os.path.basename(secret) == "log")
