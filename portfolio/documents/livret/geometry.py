"""Position of an exhibit page on its page of the book, in points: the template and the overlay share it."""

from __future__ import annotations

from dataclasses import dataclass

POINTS_PER_MM = 72 / 25.4
_A4 = (210.0, 297.0)
_SIDE_MM, _TOP_MM, _BOTTOM_MM = 13.0, 16.0, 17.0
# A small page, a ticket or a card, is not enlarged beyond this.
MAX_SCALE = 1.6

Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """The place of an exhibit's page on a page of the book, in millimetres from its upper left corner."""

    width: float
    height: float
    left: float
    top: float
    across: float
    down: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return the place in points from the lower left corner: left, bottom, width, height."""
        mm = POINTS_PER_MM
        return self.left * mm, (self.height - self.top - self.down) * mm, self.across * mm, self.down * mm


def frame_of(*, is_landscape: bool) -> Frame:
    """Return the place of a page of this orientation: a landscape page turns the page of the book."""
    width, height = reversed(_A4) if is_landscape else _A4
    return Frame(width, height, _SIDE_MM, _TOP_MM, width - 2 * _SIDE_MM, height - _TOP_MM - _BOTTOM_MM)


def placement(
    box: tuple[float, float, float, float], rotation: int, frame: Frame, max_scale: float = MAX_SCALE
) -> Matrix:
    """Return the matrix that lays a page (its box, its rotation in degrees) in the middle of a frame,
    whole.
    """
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    turned = rotation % 180 == 90
    across, down = (height, width) if turned else (width, height)
    left, bottom, room_across, room_down = frame.box
    scale = min(room_across / across, room_down / down, max_scale)
    dx, dy = left + (room_across - scale * across) / 2, bottom + (room_down - scale * down) / 2
    match rotation % 360:
        case 90:
            return 0, -scale, scale, 0, dx - scale * y0, dy + scale * x1
        case 180:
            return -scale, 0, 0, -scale, dx + scale * x1, dy + scale * y1
        case 270:
            return 0, scale, -scale, 0, dx + scale * y1, dy - scale * x0
    return scale, 0, 0, scale, dx - scale * x0, dy - scale * y0


def transformed(box: tuple[float, float, float, float], matrix: Matrix) -> tuple[float, float, float, float]:
    """Return where a rectangle of the source page is on the page of the book."""
    a, b, c, d, e, f = matrix
    xs = [a * x + c * y + e for x in (box[0], box[2]) for y in (box[1], box[3])]
    ys = [b * x + d * y + f for x in (box[0], box[2]) for y in (box[1], box[3])]
    return min(xs), min(ys), max(xs), max(ys)
