"""Pictures of a recording for its sheet: frames of a film, taken at regular moments. Runs in the sandboxed process."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
from PIL import Image

_COUNT = 6
_SIDE = 640


def take_stills(folder: Path, found: Mapping[str, Any], media: Any) -> None:
    """Write the poster of a recording and, of a film of some length, its stills; name them in the values of its sheet."""
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
            film.seek(int((nth + 0.5) * length / _COUNT * av.time_base))
            for frame in film.decode(stream):
                taken.append((float(frame.time or 0), frame.to_image()))
                break
    return taken


def _save(image: Image.Image, path: Path) -> None:
    picture = image.convert("RGB")
    picture.thumbnail((_SIDE, _SIDE))
    picture.save(path, "JPEG", quality=82)
