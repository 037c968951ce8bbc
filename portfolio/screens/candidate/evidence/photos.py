"""Several photographs that become one piece: a PDF of them, one a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

from werkzeug.datastructures import FileStorage

from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import FileCategory, FileType
from portfolio.files.renditions.flattening.client import join_pictures
from portfolio.files.renditions.page_images.limits import NotReadable, kind_of
from portfolio.files.storage.stream_copy import disk_full_as_store_full
from portfolio.french_text import date_fr
from portfolio.screens.evidence_files.upload_forms import FILE_ERRORS
from portfolio.wording.evidence import PHOTOS_OF, PHOTOS_TITLE


class JoinedPhotos(FileStorage):
    """The PDF made of photographs, and the day of the first of them that says one."""

    def __init__(self, stream: Any, taken_on: date | None) -> None:
        """Name it after that day."""
        name = PHOTOS_OF.format(day=date_fr(taken_on)) if taken_on else PHOTOS_TITLE
        super().__init__(stream, f"{name}.pdf")
        self.taken_on = taken_on


@contextmanager
def joined_photos(files: Sequence[FileStorage]) -> Iterator[list[FileStorage]]:
    """Lend the files with their photographs, when there are several, made into one PDF in the place of the
    first.

    A photograph that cannot be opened is lent by itself, for the check that says why; the others are joined.
    """
    with TemporaryFile() as made:
        photos, others = _sorted_out(files)
        if len(photos) < 2:
            yield list(files)
            return
        try:
            with disk_full_as_store_full():
                join_pictures(
                    [(cast(BinaryIO, file.stream), kind) for file, kind, _ in photos], cast(BinaryIO, made)
                )
        except NotReadable:
            yield list(files)  # each by itself: the file that cannot be drawn is still an original
            return
        made.seek(0)
        yield [JoinedPhotos(made, next((day for *_, day in photos if day), None)), *others]


def _sorted_out(
    files: Sequence[FileStorage],
) -> tuple[list[tuple[FileStorage, FileType, date | None]], list[FileStorage]]:
    """Tell photographs from other files; one that is damaged is left to the check that says so."""
    photos, others = [], []
    for file in files:
        content = cast(BinaryIO, file.stream)
        size = content.seek(0, 2)
        content.seek(0)
        try:
            found = sniff(content, size)
        except FILE_ERRORS:
            others.append(file)
            continue
        drawn = kind_of(found.mime)
        if found.kind.family is FileCategory.IMAGE and drawn is not None:
            photos.append((file, drawn, found.taken_on))
        else:
            others.append(file)
    return photos, others
