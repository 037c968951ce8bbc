"""A large picture made smaller strip by strip: in colours, a scanned sheet takes four times its memory."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

# Above it, a picture is never converted whole.
_WHOLE_PIXELS = 50_000_000
_STRIP_PIXELS = 4_000_000
# What the smaller picture may hold.
_MOST_PIXELS = 75_000_000


def made_smaller(
    image: Image.Image, scale: float, converted: Callable[[Image.Image], Image.Image]
) -> Image.Image:
    """Return a picture converted to RGB, and at a whole part of its size, no smaller than this scale if its
    memory allows it; one of an ordinary size is converted as it is.
    """
    pixels = image.width * image.height
    if pixels <= _WHOLE_PIXELS:
        return converted(image)
    part = max(1, int(1 / scale / 1.2))
    while pixels > _MOST_PIXELS * part * part:
        part += 1
    made = Image.new("RGB", (-(-image.width // part), -(-image.height // part)))
    height = part * max(1, _STRIP_PIXELS // (part * image.width))
    is_grey = image.mode in ("1", "L") and "transparency" not in image.info
    for top in range(0, image.height, height):
        strip = image.crop((0, top, image.width, min(image.height, top + height)))
        smaller = converted(strip.convert("L").reduce(part)) if is_grey else converted(strip).reduce(part)
        made.paste(smaller, (0, top // part))
    return made
