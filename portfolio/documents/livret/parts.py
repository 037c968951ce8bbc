"""A part of a book as a file of its own: its pages with their tags, their bookmarks and their numbers."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

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
