"""The parts of a page that are masked, in thousandths of its width and height."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portfolio.domain.dossier.rules.rendition import PAGE_UNITS, Box, unpack_boxes

UNIT = 1000
_WORD = re.compile(r"\S+")
MAX_MASKS = 200


@dataclass(frozen=True, slots=True)
class Mask:
    """A rectangle of a page that nobody but the candidate sees."""

    left: int
    top: int
    width: int
    height: int

    @property
    def is_valid(self) -> bool:
        """Tell whether the rectangle has a surface and lies on the page."""
        inside = self.left >= 0 and self.top >= 0 and self.left + self.width <= UNIT and self.top + self.height <= UNIT
        return inside and self.width > 0 and self.height > 0

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return the rectangle on a drawing this wide and high, never smaller than it was painted."""
        right, bottom = (-(-(self.left + self.width) * width // UNIT), -(-(self.top + self.height) * height // UNIT))
        return self.left * width // UNIT, self.top * height // UNIT, right, bottom


MasksByPage = Mapping[int, Sequence[Mask]]


def masks_to_json(masks: MasksByPage) -> str:
    """Return the masks as one argument of a child process."""
    return json.dumps({str(page): [[m.left, m.top, m.width, m.height] for m in found] for page, found in masks.items()})


def masks_from_json(text: str) -> MasksByPage:
    """Return the masks of `masks_to_json`."""
    return {int(page): [Mask(*values) for values in found] for page, found in json.loads(text).items()}


def kept_words(text: str, packed: bytes, masks: Sequence[Mask]) -> list[tuple[str, Box]]:
    """Return the words of a page that no mask touches, with their boxes; a word whose place is unknown is left out too.

    `packed` holds one box for each word of the text, as `rendition.pack_boxes` writes them.
    """
    words, boxes = _WORD.findall(text), unpack_boxes(packed)
    if len(words) != len(boxes):
        return []
    placed = [(word, box) for word, box in zip(words, boxes, strict=True) if box[2] > box[0] and box[3] > box[1]]
    return [(word, box) for word, box in placed if not any(_touches(box, mask) for mask in masks)]


def _touches(box: Box, mask: Mask) -> bool:
    step = PAGE_UNITS // UNIT
    left, top, right, bottom = box
    across = left <= (mask.left + mask.width) * step and right >= mask.left * step
    return across and top <= (mask.top + mask.height) * step and bottom >= mask.top * step
