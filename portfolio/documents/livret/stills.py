"""Pictures of a recording for its sheet: frames of a film, taken at regular moments.

Runs in the sandboxed process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
from PIL import Image

_COUNT = 6
_SIDE = 640
# Of frames decoded to reach a moment.
_MAX_FRAMES = 400


def take_stills(folder: Path, found: Mapping[str, Any], media: Any) -> None:
    """Write the poster of a recording and, of a film of some length, its stills; name them in the values of
    its sheet.
    """
    poster = found["images"].get("1")
    name = str(found["recording"])
    if poster:
        with Image.open(folder / poster, formats=["WEBP"]) as picture:
            _save(picture, folder / f"{name}-poster.jpg")
        media["poster"] = f"{name}-poster.jpg"
    if not found["is_film"] or not (folder / name).is_file():
        return
    with suppress(av.error.FFmpegError, OSError, ValueError, IndexError):
        for number, (moment, image) in enumerate(_frames(folder / name)):
            path = f"{name}-{number}.jpg"
            _save(image, folder / path)
            minutes, seconds = divmod(int(moment), 60)
            at = f"{minutes}:{seconds:02}"
            media["stills"].append({"image": path, "at": at, "alt": f"Image du film à {at}"})


def _frames(path: Path) -> list[tuple[float, Image.Image]]:
    taken: list[tuple[float, Image.Image]] = []
    with av.open(str(path), metadata_errors="ignore") as film:
        stream = film.streams.video[0]
        length = float(film.duration / av.time_base) if film.duration else 0.0
        if length < 4:
            return []
        for nth in range(_COUNT):
            moment = (nth + 0.5) * length / _COUNT
            film.seek(int(moment * av.time_base))
            found = _frame_at(film.decode(stream), moment)
            if found is not None and (not taken or found[0] > taken[-1][0] + 0.5):
                taken.append(found)
    return taken


def _frame_at(frames: Iterator[Any], moment: float) -> tuple[float, Image.Image] | None:
    """Return the frame shown at a moment; a film is entered at a frame that stands alone, which may be
    earlier.
    """
    last = None
    for number, frame in enumerate(frames):
        last = frame
        if float(frame.time or 0) >= moment or number >= _MAX_FRAMES:
            break
    return (float(last.time or 0), last.to_image()) if last is not None else None


def _save(image: Image.Image, path: Path) -> None:
    picture = image.convert("RGB")
    picture.thumbnail((_SIDE, _SIDE))
    picture.save(path, "JPEG", quality=82)
