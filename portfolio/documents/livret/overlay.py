"""Lay the pages of the exhibits on the pages that the template left for them.

Runs in the sandboxed process.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from portfolio.documents.livret.pages import (
    POINTS_PER_MM,
    Box,
    Frame,
    Matrix,
    SourcePdf,
    box_of,
    frame_of,
    is_bounded,
    joined_drawing,
    placement,
    transformed,
)

PLACES = "sheets.json"
# The sides of a region are in ten-thousandths of the page; the colour and the width of the line around it.
PAGE_UNITS = 10_000
_MARK = "0.078 0.337 0.31 RG 1.4 w"
# The line around a page that is laid, a little outside of it: the template draws the same around what it
# prints itself.
_FRAME_LINE, _FRAME_MARGIN = "0.812 0.788 0.733 RG 0.4 w", 0.3 * POINTS_PER_MM


class Overlay:
    """The book being completed: the pages left for exhibits, by label and page number."""

    def __init__(self, path: Path, *, is_draft: bool = False) -> None:
        """Open what the template made, and take out the list of places that it carries.

        A draft keeps the mark of its ground in sight: the places of its pages are not painted white.
        """
        self.pdf = pikepdf.open(path)
        self._identifier = hashlib.sha256(path.read_bytes()).digest()[:16]
        self._is_draft = is_draft
        self.places: dict[tuple[str, int], int] = {}
        if PLACES in self.pdf.attachments:
            listed = json.loads(self.pdf.attachments[PLACES].get_file().read_bytes())
            self.places = {
                (label, page): first - 1 + nth for label, pages, first in listed for nth, page in enumerate(pages)
            }
            del self.pdf.attachments[PLACES]
            for key in ("/AF",):
                if key in self.pdf.Root:
                    del self.pdf.Root[key]
        self._pages = list(self.pdf.pages)
        self._opening = self.pdf.make_stream(b"q")

    def page_of(self, label: str, number: int) -> pikepdf.Page:
        """Return the page of the book on which a page of an exhibit is laid."""
        return self._pages[self.places[label, number]]

    def lay_page(self, label: str, number: int, source: SourcePdf, page: pikepdf.Page, frame: Frame) -> Box:
        """Lay a page of a PDF, with its links, and return where it is."""
        box, turned = box_of(page)
        matrix = placement(box, turned, frame)
        if source.pdf is None:
            raise ValueError("a file whose fields could not be drawn")
        form = self._form_of(page, source.pdf)
        form.Type, form.Subtype, form.FormType = Name.XObject, Name.Form, 1
        form.BBox = Array([*box])
        form.Matrix = Array([1, 0, 0, 1, 0, 0])
        for key in ("/Metadata", "/PieceInfo", "/StructParents", "/StructParent", "/LastModified"):
            if key in form:
                del form[key]
        target = self.page_of(label, number)
        self._draw(target, form, matrix, frame)
        self._link(target, label, source.links.get(number, ()), matrix)
        return transformed(box, matrix)

    def _form_of(self, page: pikepdf.Page, owner: pikepdf.Pdf) -> pikepdf.Object:
        """Return the page as an object that can be drawn; its one content stream is taken as it is, still
        compressed.
        """
        contents = page.obj.get("/Contents")
        form: pikepdf.Object
        if not isinstance(contents, pikepdf.Stream):
            form = self.pdf.make_stream(joined_drawing(page))
        elif is_bounded(contents):
            form = self.pdf.copy_foreign(contents)
        else:
            raise ValueError("a page whose drawing swells")
        resources = page.resources
        form.Resources = self.pdf.copy_foreign(resources if resources.is_indirect else owner.make_indirect(resources))
        if "/Group" in page.obj:
            form.Group = self.pdf.copy_foreign(owner.make_indirect(page.obj.Group))
        return form

    def lay_image(self, label: str, number: int, jpeg: bytes, size: tuple[int, int], frame: Frame) -> Box:
        """Lay a picture, and return where it is."""
        across, down = size
        grey = _is_grey_jpeg(jpeg)
        image = pikepdf.Stream(
            self.pdf,
            jpeg,
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=across,
            Height=down,
            ColorSpace=Name.DeviceGray if grey else Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=Name.DCTDecode,
        )
        a, _, _, d, e, f = placement((0, 0, across * 0.75, down * 0.75), 0, frame)
        self._draw(self.page_of(label, number), image, (a * across * 0.75, 0, 0, d * down * 0.75, e, f), frame)
        return e, f, e + a * across * 0.75, f + d * down * 0.75

    def mark(self, label: str, number: int, place: Box, regions: Iterable[Sequence[int]]) -> None:
        """Draw a line around the regions that claims mark on a page that is laid at this place."""
        x0, y0, x1, y1 = place
        across, down = (x1 - x0) / PAGE_UNITS, (y1 - y0) / PAGE_UNITS
        drawn = [
            (
                f"{x0 + left * across:.2f} {y1 - bottom * down:.2f} {(right - left) * across:.2f} "
                f"{(bottom - top) * down:.2f} re"
            )
            for left, top, right, bottom in regions
        ]
        if drawn:
            self.page_of(label, number).contents_add(f"/Artifact BMC q {_MARK} {' '.join(drawn)} S Q EMC".encode())

    def _draw(self, target: pikepdf.Page, form: pikepdf.Object, matrix: Matrix, frame: Frame) -> None:
        """Draw a form or an image in its frame, over what the template drew."""
        name = target.add_resource(form, Name.XObject, Name.Piece)
        numbers = " ".join(f"{value:.5f}" for value in matrix)
        drawn = f"Q /Artifact BMC q {self._frame_line(frame)} {numbers} cm {name} Do Q EMC"
        contents = target.obj.Contents
        before = list(contents) if isinstance(contents, Array) else [contents]
        target.obj.Contents = Array([self._opening, *before, self.pdf.make_stream(drawn.encode())])

    def _frame_line(self, frame: Frame) -> str:
        left, bottom, across, down = frame.box
        margin = _FRAME_MARGIN
        sides = f"{left - margin:.2f} {bottom - margin:.2f} {across + 2 * margin:.2f} {down + 2 * margin:.2f} re"
        return f"q {_FRAME_LINE} {sides} S Q" if self._is_draft else f"q {_FRAME_LINE} 1 g {sides} B Q"

    def _link(self, target: pikepdf.Page, label: str, links: Iterable[tuple[Any, str | int]], matrix: Matrix) -> None:
        made = [self._annotation(label, place, matrix, where) for place, where in links]
        kept = [self.pdf.make_indirect(annotation) for annotation in made if annotation is not None]
        if kept:
            target.obj.Annots = Array([*target.obj.get("/Annots", Array()), *kept])

    def _annotation(self, label: str, place: Any, matrix: Matrix, where: str | int) -> Dictionary | None:
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Border=Array([0, 0, 0]), F=4)
        link.Rect = Array([round(value, 2) for value in transformed(place, matrix)])
        if isinstance(where, int):
            if (label, where) not in self.places:
                return None
            link.Dest = Array([self.page_of(label, where).obj, Name.Fit])
            link.Contents = pikepdf.String(f"Page {where} de la pièce {label}")
            return link
        link.A = Dictionary(Type=Name.Action, S=Name.URI, URI=pikepdf.String(where))
        link.Contents = pikepdf.String(where)
        return link

    def save(self, path: Path) -> None:
        """Write the book; the same inputs give the same bytes.

        Its identifier is drawn from the frame, which names each exhibit with its digest: to draw it from all
        that is written takes longer than to write it.
        """
        self.pdf.trailer.ID = Array([pikepdf.String(self._identifier)] * 2)
        self.pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True, static_id=True)


def _is_grey_jpeg(jpeg: bytes) -> bool:
    """Return whether a JPEG has one component, as its first frame header says."""
    at = 2
    while at + 9 < len(jpeg):
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xC2:
            return jpeg[at + 9] == 1
        at += 2 + length
    return False


def frames_of(sheets: Sequence[Mapping[str, Any]]) -> dict[int, Frame]:
    """Return the frame of each sheet of an exhibit, by its number."""
    return {sheet["number"]: frame_of(is_landscape=sheet["landscape"]) for sheet in sheets}
