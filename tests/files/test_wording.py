"""Check what is said about files: every reason has its sentence, in French, with what to do."""

import re

import pytest

from portfolio.files.file_types.types import FileRejected, FileType, RejectionReason
from portfolio.french_text import size
from portfolio.wording.files import REFUSALS, refusal_message, too_large_message


@pytest.mark.parametrize("code", RejectionReason)
def test_every_reason_has_its_sentence_that_says_what_to_do(code):
    sentence = refusal_message(FileRejected(code, {"kind": FileType.PDF, "limit": 40_000_000}))
    assert sentence == REFUSALS[code]({"kind": FileType.PDF, "limit": 40_000_000})
    assert len(re.findall(r"[.!](?: |$)", sentence)) >= 2
    assert "{" not in sentence
    assert "'" not in sentence


def test_figures_are_told():
    assert "40 millions" in refusal_message(FileRejected(RejectionReason.TOO_MANY_PIXELS, {"limit": 40_000_000}))
    assert "Ce fichier PDF est incomplet" in refusal_message(
        FileRejected(RejectionReason.DAMAGED, {"kind": FileType.PDF})
    )
    assert "Ce fichier est incomplet" in refusal_message(FileRejected(RejectionReason.DAMAGED))
    assert "200\u00a0Mo au plus" in too_large_message(200_000_000)


@pytest.mark.parametrize(
    ("octets", "shown"),
    [
        (0, "0 octet"),
        (12, "12 octets"),
        (12_000, "12 ko"),
        (3_400_000, "3,4 Mo"),
        (1_000_000_000, "1 Go"),
        (20_000_000, "20 Mo"),
        (61_400_000, "61,4 Mo"),
        (1, "1 octet"),
        (999_499, "999 ko"),
        (999_500, "1 Mo"),
        (99_949, "99,9 ko"),
        (99_950, "100 ko"),
        (1_050, "1,1 ko"),
        (512 * 1024 * 1024, "537 Mo"),
    ],
)
def test_sizes_are_said_as_people_read_them(octets, shown):
    assert size(octets) == shown.replace(" ", "\u00a0")
