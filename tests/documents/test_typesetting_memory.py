"""A process that serves keeps nothing of the documents that it has made."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

# Each is another person's, as in use: twelve that are the same would be compiled once.
PROGRAM = """
import os
from dataclasses import replace
from portfolio.documents import typesetting
from portfolio.documents.certificate import block_certificate_pdf
from tests.documents import samples

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

{first}
block_certificate_pdf(samples.certificate())
before = resident()
for number in range(12):
    made = samples.certificate()
    block_certificate_pdf(replace(made, certifier=f"{{made.certifier}} {{number}}", validity=f"Acquis {{number}} fois"))
print((resident() - before) // 2**20)
"""


def kept(first: str) -> int:
    """Return the MiB that a process keeps after twelve certificates, after this first line."""
    command = [sys.executable, "-c", PROGRAM.format(first=first)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc")
def test_twelve_certificates_leave_nothing_behind():
    assert kept("") <= 4
    assert kept("typesetting._drop_compiled = lambda: None") >= 12, "without it Typst keeps the last ten"
