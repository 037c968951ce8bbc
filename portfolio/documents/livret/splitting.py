"""The sandboxed process that splits a book into files of a bounded size, and lays heavy pages again as
lighter images.
"""

import io
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pikepdf
import typst
from pikepdf import Array, Dictionary, Name

from portfolio.documents.livret.making import Exhibit, open_exhibits
from portfolio.documents.livret.overlay import Overlay
from portfolio.documents.livret.pages import frame_of, jpeg_of

_Ids = Collection[tuple[int, int]]


def keep_pages(book: pikepdf.Pdf, first: int, end: int, title: str) -> None:
    """Keep the pages of a book from index `first` to before `end`, and what tells of them."""
    inside = {page.obj.objgen for page in book.pages[first:end]}
    del book.pages[end:]
    del book.pages[:first]
    for page in book.pages:
        _drop_links(page, inside)
    with book.open_outline() as outline:
        outline.root[:] = _bookmarks(outline.root, inside)
    _keep_tags(book, inside)
    with suppress(ValueError), book.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = title
    book.docinfo["/Title"] = title
    book.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    number_pages(book, [(0, Dictionary(S=Name.D, St=first + 1))])


def number_pages(book: pikepdf.Pdf, runs: Iterable[tuple[int, Any]]) -> None:
    """Say which number each page bears, in runs that begin at these indexes."""
    book.Root.PageLabels = Dictionary(Nums=_flat(runs))


def _bookmarks(items: Iterable[pikepdf.OutlineItem], inside: _Ids) -> list[pikepdf.OutlineItem]:
    """Return the bookmarks of the pages that are kept.

    One whose page is gone leads to the first page of those inside it.
    """
    found = []
    for item in items:
        item.children[:] = _bookmarks(item.children, inside)
        if _page_of(item) in inside:
            found.append(item)
        elif item.children:
            item.destination = item.children[0].destination
            found.append(item)
    return found


def _page_of(item: pikepdf.OutlineItem) -> tuple[int, int] | None:
    place = item.destination if item.destination is not None else item.action.D if item.action else None
    return place[0].objgen if isinstance(place, Array) else None


def _drop_links(page: pikepdf.Page, inside: _Ids) -> None:
    """Take out the links to pages of another file, which would bring those pages along."""
    annotations = page.obj.get("/Annots")
    if annotations is not None:
        page.obj.Annots = Array([annotation for annotation in annotations if stays(annotation, inside)])


def stays(link: Any, inside: _Ids) -> bool:
    """Return whether a link leads to one of these pages, or out of the book."""
    action = link.get("/A", Dictionary())
    place = link.get("/Dest") if "/Dest" in link else action.get("/D")
    return place is None or (isinstance(place, Array) and place[0].objgen in inside)


def _keep_tags(book: pikepdf.Pdf, inside: _Ids) -> None:
    """Keep of the structure what tags the pages that are left."""
    root = book.Root.get("/StructTreeRoot")
    if root is None:
        return
    pages = [page.obj for page in book.pages]
    links = [annotation for page in pages for annotation in page.get("/Annots", ())]
    used = {int(page.StructParents) for page in pages if "/StructParents" in page}
    used |= {int(link.StructParent) for link in links if "/StructParent" in link}
    parents = pikepdf.NumberTree(root.ParentTree)
    kept = [(key, parents[key]) for key in sorted(used) if key in parents]
    root.ParentTree = book.make_indirect(Dictionary(Nums=_flat(kept)))
    _pruned(root, inside, {link.objgen for link in links}, None)
    if "/IDTree" in root:
        named = pikepdf.NameTree(root.IDTree).items()
        root.IDTree = Dictionary(
            Names=_flat((pikepdf.String(key), item) for key, item in named if _is_inside(item, inside))
        )


def _flat(pairs: Iterable[tuple[Any, Any]]) -> Array:
    return Array([value for pair in pairs for value in pair])


def _is_inside(element: Any, inside: _Ids) -> bool:
    return "/Pg" in element and element.Pg.objgen in inside


def _pruned(element: Any, inside: _Ids, links: _Ids, page: tuple[int, int] | None) -> bool:
    """Leave in an element what is on a page that is kept; return whether something is."""
    page = element.Pg.objgen if "/Pg" in element else page
    held = element.get("/K")
    kept = [
        kid
        for kid in (held if isinstance(held, Array) else [held] if held is not None else [])
        if _is_kept(kid, inside, links, page)
    ]
    element.K = Array(kept)
    if "/Pg" in element and page not in inside:
        del element["/Pg"]
    return bool(kept)


def _is_kept(kid: Any, inside: _Ids, links: _Ids, page: tuple[int, int] | None) -> bool:
    if not isinstance(kid, Dictionary):
        return page in inside
    if "/S" in kid:
        return _pruned(kid, inside, links, page)
    if "/Obj" in kid:
        return kid.Obj.objgen in links
    return (kid.Pg.objgen if "/Pg" in kid else page) in inside


MEBIBYTE = 1024 * 1024
# What the portal of France VAE takes (domain.md §7).
MAX_FILE_BYTES = 10 * MEBIBYTE
MAX_ANNEXES = 8
# Fonts, marks and the table of objects that every file repeats.
FILE_OVERHEAD_BYTES = 500_000


@dataclass(frozen=True, slots=True)
class Run:
    """Pages that follow each other in one file: the first, and the one after the last, from 0."""

    start: int
    end: int


def pack_pages(sizes: Sequence[int], *, limit: int = MAX_FILE_BYTES, files: int = MAX_ANNEXES) -> list[Run] | None:
    """Share pages between files, in order, each as full as it may be; return None when they do not fit.

    `sizes` are the bytes of each page; `limit` those of a file, of which some are kept for what every file repeats.
    """
    room = limit - FILE_OVERHEAD_BYTES
    runs: list[Run] = []
    start, held = 0, 0
    for number, size in enumerate(sizes):
        if size > room:
            return None
        if held + size > room:
            runs.append(Run(start, number))
            start, held = number, 0
        held += size
    if start < len(sizes):
        runs.append(Run(start, len(sizes)))
    return runs if len(runs) <= files else None


MAIN, ANNEX = "livret-2.pdf", "annexe-{}.pdf"
# The longest side of an image in pixels, and the quality of its JPEG, each time lighter.
LEVELS = ((1600, 72), (1300, 62), (1000, 52), (800, 42), (640, 34), (480, 28))
_COVER_PAGES = 1
_ATTEMPTS = 6


@dataclass
class Weight:
    """Weight of the pages of an exhibit as they are laid now: level 0 is as they were made."""

    pages: list[int]
    level: int = 0
    images: dict[int, bytes] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Return the bytes of all its pages."""
        return sum(self.pages)


def main() -> None:
    """Split output.pdf, and write in answer.json the files and what was done to which exhibit."""
    split(Path())


def split(folder: Path) -> None:
    """Split the book of a folder into the main file and its annexes."""
    values = json.loads((folder / "book.json").read_text("utf-8"))
    settings = json.loads((folder / "sources.json").read_text("utf-8"))
    sheets = {exhibit["label"]: exhibit["sheets"] for exhibit in values["exhibits"]}
    places = Overlay(folder / "frame.pdf").places
    labels = [label for label in sheets if sheets[label]]
    weights = _weights(folder / "output.pdf", places, sheets)
    first = _first_exhibit_page(folder, values)
    limit = MAX_FILE_BYTES
    for _ in range(_ATTEMPTS):
        runs = _runs(folder, settings, places, weights, labels, first, limit)
        exhibits = open_exhibits(folder, settings, values)
        _lay_again(folder, exhibits, values, weights)
        files = _write(folder, runs, first)
        if all((folder / name).stat().st_size <= MAX_FILE_BYTES for name, _ in files):
            break
        limit = limit * 9 // 10
    else:
        raise ValueError("the files stay too heavy")
    answer = _answer(files, places, weights, labels, first)
    _add_summary(folder, answer, values, settings)
    for file in answer["files"]:
        with pikepdf.open(folder / file["name"]) as made:
            file["pages"] = len(made.pages)
    (folder / "answer.json").write_text(json.dumps(answer), "utf-8")


def _first_exhibit_page(folder: Path, values: Any) -> int:
    """Return the index of the page of the first cover note; the number of pages when there is none."""
    with pikepdf.open(folder / "output.pdf") as book:
        notes = {exhibit["label"] for exhibit in values["exhibits"]}
        with book.open_outline() as outline:
            parts = list(outline.root)
            last = next((part for part in reversed(parts) if part.title == "Pièces"), None)
            if last is None or not notes:
                return len(book.pages)
            return _index(book, last)


def _index(book: pikepdf.Pdf, item: Any) -> int:
    place = item.destination if item.destination is not None else item.action.D
    objgen = place[0].objgen
    return next(number for number, page in enumerate(book.pages) if page.obj.objgen == objgen)


def _weights(path: Path, places: Mapping[tuple[str, int], int], sheets: Mapping[str, Any]) -> dict[str, Weight]:
    """Return what the pages of each exhibit weigh, as one file of them would."""
    weights = {}
    with pikepdf.open(path) as book:
        for label, found in sheets.items():
            if not found:
                continue
            with pikepdf.new() as alone:
                for sheet in found:
                    page = book.pages[places[label, sheet["number"]]]
                    page.obj.Annots = pikepdf.Array()
                    alone.pages.append(page)
                out = io.BytesIO()
                alone.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            weights[label] = Weight([max(1, out.tell() // len(found))] * len(found))
    return weights


def _runs(
    folder: Path,
    settings: Any,
    places: Mapping[tuple[str, int], int],
    weights: Mapping[str, Weight],
    labels: Sequence[str],
    first: int,
    limit: int,
) -> list[Run]:
    """Return the pages of each annex; the heaviest exhibits are laid as lighter and lighter images until all fit."""
    while True:
        count = max(places.values(), default=first - 1) + 1
        with pikepdf.open(folder / "output.pdf") as book:
            count = max(count, len(book.pages))
        sizes = [20_000] * (count - first)
        for label in labels:
            for number, size in enumerate(weights[label].pages, 1):
                sizes[places[label, number] - first] = size
        runs = pack_pages(sizes, limit=limit)
        if runs is not None:
            return [Run(run.start + first, run.end + first) for run in runs]
        lighter = [
            exhibit_label
            for exhibit_label in labels
            if weights[exhibit_label].level < len(LEVELS) and settings["exhibits"][exhibit_label]["images"]
        ]
        if not lighter:
            raise ValueError("nothing can be made lighter")
        heaviest = max(
            lighter,
            key=lambda exhibit_label: (
                weights[exhibit_label].total / (4 ** weights[exhibit_label].level),
                exhibit_label,
            ),
        )
        _lighten(folder, settings["exhibits"][heaviest]["images"], weights[heaviest])


def _lighten(folder: Path, images: Mapping[str, str], weight: Weight) -> None:
    """Lay the pages of an exhibit as images of the next level that is lighter than what is laid now."""
    before = weight.total
    while weight.level < len(LEVELS):
        level = LEVELS[weight.level]
        weight.level += 1
        made = {int(number): jpeg_of(folder / name, level)[0] for number, name in images.items()}
        pages = [len(made[number]) + 2_000 if number in made else size for number, size in enumerate(weight.pages, 1)]
        if sum(pages) < before:
            weight.pages, weight.images = pages, made
            return


def _lay_again(folder: Path, exhibits: Mapping[str, Exhibit], values: Any, weights: Mapping[str, Weight]) -> None:
    """Make the book again with the pages of some exhibits as lighter images."""
    if not any(weight.images for weight in weights.values()):
        return
    overlay = Overlay(folder / "frame.pdf", is_draft=values["draft"])
    for exhibit in values["exhibits"]:
        label = exhibit["label"]
        for sheet in exhibit["sheets"]:
            number, frame = sheet["number"], frame_of(is_landscape=sheet["landscape"])
            jpeg = weights[label].images.get(number)
            if jpeg is None:
                place = exhibits[label].lay(overlay, label, number, frame)
            else:
                place = overlay.lay_image(label, number, jpeg, _size_of(jpeg), frame)
            if place is not None:
                overlay.mark(label, number, place, sheet["regions"])
    overlay.save(folder / "output.pdf")


def _size_of(jpeg: bytes) -> tuple[int, int]:
    from PIL import Image

    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as image:
        return image.size


def _write(folder: Path, runs: Sequence[Run], first: int) -> list[tuple[str, Run]]:
    files = [(MAIN, Run(0, first)), *((ANNEX.format(number), run) for number, run in enumerate(runs, 1))]
    for number, (name, run) in enumerate(files):
        with pikepdf.open(folder / "output.pdf") as book:
            title = str(book.docinfo.get("/Title", "Livret 2"))
            keep_pages(book, run.start, run.end, f"{title} – annexe {number}" if number else title)
            book.save(folder / name, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return files


def _left_out(values: Any) -> list[dict[str, str]]:
    """Return the sounds and films of the book, which no file of the package holds."""
    return [
        {"label": exhibit["label"], "title": exhibit["title"], "duration": exhibit["media"]["duration"]}
        for exhibit in values["exhibits"]
        if exhibit["media"]
    ]


def _answer(
    files: Sequence[tuple[str, Run]],
    places: Mapping[tuple[str, int], int],
    weights: Mapping[str, Weight],
    labels: Sequence[str],
    first: int,
) -> dict[str, Any]:
    told = []
    for name, run in files:
        inside = [
            label
            for label in labels
            if any(run.start <= places[label, 1 + at] < run.end for at in range(len(weights[label].pages)))
        ]
        told.append(
            {"name": name, "first": run.start + 1, "last": run.end, "exhibits": inside if run.start >= first else []}
        )
    lighter = {label: LEVELS[weights[label].level - 1][0] for label in labels if weights[label].images}
    return {"files": told, "lighter": lighter}


def _add_summary(folder: Path, answer: Mapping[str, Any], values: Any, settings: Any) -> None:
    """Put the page that says what each file holds after the cover of the main file."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=settings["fonts"])
    data = json.dumps(
        {**answer, "candidate": values["candidate"], "root": values["root"], "left_out": _left_out(values)},
        ensure_ascii=False,
    )
    page = typst.Compiler(
        folder / "francevae.typ",
        root=folder,
        font_paths=fonts,
        ignore_system_fonts=True,
        sys_inputs={"data": data, **settings["look"]},
    ).compile(format="pdf", timestamp=settings["timestamp"])
    assert isinstance(page, bytes)
    with pikepdf.open(folder / MAIN, allow_overwriting_input=True) as book, pikepdf.open(io.BytesIO(page)) as summary:
        added = len(summary.pages)
        for number, summary_page in enumerate(summary.pages):
            if "/StructParents" in summary_page.obj:
                del summary_page.obj["/StructParents"]  # its tags are those of another file
            book.pages.insert(_COVER_PAGES + number, summary_page)
        numbered = pikepdf.Dictionary(S=pikepdf.Name.D, St=_COVER_PAGES + 1)
        of_summary = pikepdf.Dictionary(P=pikepdf.String("Composition de l’envoi"))
        cover = pikepdf.Dictionary(S=pikepdf.Name.D)
        number_pages(book, [(0, cover), (_COVER_PAGES, of_summary), (_COVER_PAGES + added, numbered)])
        book.save(folder / MAIN, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    if (folder / MAIN).stat().st_size > MAX_FILE_BYTES:
        raise ValueError(f"the main file is heavier than {MAX_FILE_BYTES - FILE_OVERHEAD_BYTES} bytes")
