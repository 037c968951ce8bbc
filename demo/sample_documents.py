"""Sample exhibits that look like those of a real life: typeset papers, one house's facts in each."""

import json
import zlib
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import cast

import typst

from demo import sample_images
from portfolio.files.conversion.fonts import font_files
from portfolio.french_text import elide_de

SHEETS = Path(__file__).parent / "sheets"


class Paper(StrEnum):
    """What can be made: the name of a sheet, or of a picture."""

    WATCH = "watch"
    AUDIT = "audit"
    BUDGET = "budget"
    PLANNING = "planning"
    ATTESTATION = "attestation"
    SPECIFICATION = "specification"
    MARKETING = "marketing"
    MINUTES = "minutes"
    CONTRACT = "contract"
    APPOINTMENT = "appointment"
    BOARD = "board"
    STAND = "stand"
    DASHBOARD = "dashboard"


@dataclass(frozen=True)
class House:
    """The employer a paper comes from, and the words that its papers use."""

    house: str
    city: str
    activity: str
    offer: str
    public: str
    site: str
    project: str
    promise: str
    author: str
    position: str
    signatory: str
    signatory_role: str
    partner: str
    results: str
    colour: str
    duties: tuple[str, ...] = field(default=())


_PICTURES = {
    Paper.BOARD: sample_images.board,
    Paper.STAND: sample_images.stand,
    Paper.DASHBOARD: sample_images.dashboard,
}


@cache
def content_of(document: Paper, house: House, month: str, edition: int = 1) -> bytes:
    """Answer the bytes of a paper of a house; always the same for the same facts, so that a telling makes each once."""
    if document in _PICTURES:
        return _PICTURES[document](house.house, house.site, house.colour, edition)
    facts = {name.replace("_", "-"): value for name, value in asdict(house).items()}
    facts["of-house"] = elide_de(house.house)
    seed = zlib.crc32(house.house.encode()) % 97 + edition
    values = {
        **facts,
        "seed": seed,
        "number": seed % 40 + edition,
        "month": month,
        "signed": f"{seed % 27 + 1} {month}",
    }
    compiler = typst.Compiler(
        SHEETS / f"{document}.typ",
        root=SHEETS,
        font_paths=font_files(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(values, ensure_ascii=False)},
    )
    return cast(bytes, compiler.compile(format="pdf", timestamp=0))
