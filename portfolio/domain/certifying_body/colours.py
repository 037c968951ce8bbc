"""Whether a colour can be read on white, and the nearest darker one that can: contrast as WCAG 2.2 computes
it.
"""

from __future__ import annotations

import colorsys
import re

# WCAG 2.2, 1.4.3: the contrast of a text with what is behind it.
MIN_CONTRAST = 4.5
_HEXADECIMAL = re.compile(r"#?([0-9a-fA-F]{6})")
# Steps of lightness that are tried, from the colour itself down to black.
_STEPS = 1000


def read_colour(text: str) -> str | None:
    """Return a colour as « #14564f » whatever the case it was typed in; None for what is no colour of six
    hexadecimal digits.
    """
    found = _HEXADECIMAL.fullmatch(text.strip())
    return f"#{found[1].lower()}" if found else None


def contrast_with_white(colour: str) -> float:
    """Return the contrast of a colour with white, from 1 (white) to 21 (black)."""
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def is_readable(colour: str) -> bool:
    """Return whether a text of this colour can be read on white."""
    return contrast_with_white(colour) >= MIN_CONTRAST


def nearest_readable(colour: str) -> str:
    """Return the colour itself when it can be read on white, else the lightest one of the same hue and
    saturation that can.
    """
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    for step in range(_STEPS, -1, -1):
        darker = (
            _written(colorsys.hls_to_rgb(hue, lightness * step / _STEPS, saturation))
            if step < _STEPS
            else colour
        )
        if is_readable(darker):
            return darker
    return "#000000"


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _written(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)
