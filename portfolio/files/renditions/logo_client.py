"""Have a logo written anew by the sandboxed process: what is kept is its pixels, and nothing of the file
that was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO

from portfolio.domain.certifying_body.rules import Logo
from portfolio.files import antivirus
from portfolio.files.conversion.codes import NotConverted
from portfolio.files.conversion.processes import run_main, work_folder
from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import FileRejected, FileType, RejectionReason
from portfolio.files.renditions.logo import MAX_BYTES, MAX_HEIGHT, MAX_WIDTH
from portfolio.files.sandbox.process import open_left
from portfolio.files.sandbox.program_sandbox import ProgramLimits

ACCEPTED = (FileType.PNG, FileType.JPEG, FileType.SVG)
# Of the file that is sent, in bytes.
MAX_FILE_BYTES = 5_000_000
# In pixels, of the longer side: a smaller picture is blurred on paper.
MIN_SIDE = 200
# A longer band cannot be read at the size of a logo.
MAX_RATIO = 10
# The darkest point of a logo that can be seen on white, from 0 (black) to 255.
_PALEST = 200
_MAIN = "portfolio.files.renditions.logo"
_LIMITS = ProgramLimits(cpu_seconds=20, memory=2 * 1024**3, file_bytes=20_000_000)
_SIGNATURES = {FileType.PNG.mime: b"\x89PNG\r\n\x1a\n", FileType.JPEG.mime: b"\xff\xd8\xff"}


class LogoFault(StrEnum):
    """Reasons why a picture is no logo."""

    TOO_HEAVY = "too_heavy"
    NOT_A_PICTURE = "not_a_picture"
    TOO_SMALL = "too_small"
    TOO_LONG = "too_long"
    TOO_PALE = "too_pale"
    UNREADABLE = "unreadable"


@dataclass
class LogoRejected(Exception):  # noqa: N818 - the word of the domain
    """A picture is not taken as a logo, and why."""

    code: LogoFault
    facts: Mapping[str, int] = field(default_factory=dict)


def written_logo(content: BinaryIO, size: int) -> Logo:
    """Return the logo that is made of a file of this size in bytes; raise LogoRejected, FileRejected, StoreFull."""
    if size > MAX_FILE_BYTES:
        raise LogoRejected(LogoFault.TOO_HEAVY, {"limit": MAX_FILE_BYTES})
    kind = sniff(content, size).kind
    if kind not in ACCEPTED:
        raise LogoRejected(LogoFault.NOT_A_PICTURE)
    antivirus.scan(content)
    with work_folder(content) as folder:
        try:
            answer = run_main(_MAIN, folder, kind.value, limits=_LIMITS)
            with open_left(folder / "logo", MAX_BYTES) as file:
                made = file.read()
            logo = Logo(made, str(answer["mime"]), int(answer["width"]), int(answer["height"]))
            darkest = int(answer["darkest"])
        except TimeoutError as error:
            raise FileRejected(RejectionReason.NOT_CHECKED) from error
        except (NotConverted, OSError, LookupError, ValueError, TypeError) as error:
            raise LogoRejected(LogoFault.UNREADABLE) from error
    _check(logo, darkest)
    return logo


def _check(logo: Logo, darkest: int) -> None:
    """Refuse what cannot be printed; a process that a file took over may have written anything."""
    is_ours = logo.mime in _SIGNATURES and logo.content.startswith(_SIGNATURES[logo.mime])
    if (
        not is_ours
        or len(logo.content) > MAX_BYTES
        or not 0 < logo.width <= MAX_WIDTH
        or not 0 < logo.height <= MAX_HEIGHT
    ):
        raise LogoRejected(LogoFault.UNREADABLE)
    long, short = max(logo.width, logo.height), min(logo.width, logo.height)
    if long < MIN_SIDE:
        raise LogoRejected(LogoFault.TOO_SMALL, {"side": long, "least": MIN_SIDE})
    if long > MAX_RATIO * short:
        raise LogoRejected(LogoFault.TOO_LONG)
    if darkest > _PALEST:
        raise LogoRejected(LogoFault.TOO_PALE)
