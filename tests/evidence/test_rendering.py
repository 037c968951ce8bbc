"""Pages are drawn here, upright and without what cameras write; nothing that a file holds harms who draws it."""

from __future__ import annotations

import hashlib
import io
import logging
import os
from pathlib import Path

import pytest
from PIL import Image, ImageCms
from pillow_heif import register_heif_opener

from portfolio.evidence.rendering import painting, shelf
from portfolio.evidence.rendering.codes import MAX_PIXELS, Busy, NotReadable, PageFault, PageSize, pages_of
from portfolio.evidence.rendering.shelf import DrawnFile, PageShelf
from portfolio.evidence.rendering.turning import turn_to
from portfolio.evidence.rules import Measure, cited_pages
from portfolio.storage.kinds import FileKind, Refused
from portfolio.storage.sniff import sniff
from tests import samples

CORPUS = Path(os.environ.get("ACQUIS_CORPUS", "/nowhere"))
register_heif_opener()


def drawn(content: bytes, kind: FileKind, page: int = 1, width: int = 400) -> Image.Image:
    image = Image.open(io.BytesIO(painting.paint(io.BytesIO(content), kind, page, width)))
    assert image.format == "WEBP"
    return image


def fault(content: bytes, kind: FileKind, page: int = 1, width: int = 400) -> PageFault:
    with pytest.raises(NotReadable) as said:
        painting.paint(io.BytesIO(content), kind, page, width)
    return said.value.code


def saved(image: Image.Image, name: str, **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, name, **more)
    return out.getvalue()


def halves(size: tuple[int, int] = (200, 100)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    return image


def near(pixel: tuple[int, ...], wanted: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 60 for one, other in zip(pixel, wanted, strict=True))


def test_each_page_of_a_pdf_is_drawn_at_the_width_asked_for():
    image = drawn(samples.pdf(3), FileKind.PDF, 3, 600)
    assert image.width == 600
    assert image.height == pytest.approx(600 * 842 / 595, abs=2)
    assert image.convert("L").getextrema()[0] < 100, "something is written on it"
    assert fault(samples.pdf(3), FileKind.PDF, 4) is PageFault.NO_SUCH_PAGE


def test_a_photograph_is_turned_upright_and_keeps_nothing_of_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Appareil"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 30.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = saved(halves(), "JPEG", exif=exif, icc_profile=profile, comment=b"canary")
    image = drawn(content, FileKind.JPEG)
    assert image.size == (100, 200)
    assert near(image.convert("RGB").getpixel((50, 20)), (255, 0, 0))
    assert near(image.convert("RGB").getpixel((50, 180)), (0, 0, 255))
    assert not dict(image.getexif())
    assert not {"exif", "icc_profile", "xmp", "comment"} & set(image.info)


@pytest.mark.parametrize(("name", "kind"), [("PNG", "png"), ("GIF", "gif"), ("WEBP", "webp"), ("AVIF", "avif"), ("HEIF", "heic")])
def test_every_accepted_kind_of_image_is_drawn(name, kind):
    assert near(drawn(saved(halves(), name), FileKind(kind)).convert("RGB").getpixel((20, 50)), (255, 0, 0))


def test_what_is_transparent_is_shown_on_white():
    image = drawn(saved(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"), FileKind.PNG)
    assert near(image.convert("RGB").getpixel((25, 25)), (255, 255, 255))


def test_each_page_of_a_tiff_is_drawn():
    content = saved(Image.new("RGB", (60, 60), "red"), "TIFF", save_all=True, append_images=[Image.new("RGB", (60, 60), "blue")])
    assert near(drawn(content, FileKind.TIFF, 2).convert("RGB").getpixel((30, 30)), (0, 0, 255))
    assert fault(content, FileKind.TIFF, 3) is PageFault.NO_SUCH_PAGE


def test_a_picture_is_made_smaller_never_larger():
    assert drawn(saved(halves((800, 400)), "PNG"), FileKind.PNG, width=320).size == (320, 160)
    assert drawn(saved(halves(), "PNG"), FileKind.PNG, width=2000).size == (200, 100)


def test_an_endless_page_stays_within_what_a_page_image_may_hold():
    content = samples.pdf(1).replace(b"[0 0 595 842]", b"[0 0 10 14400]")
    image = drawn(content, FileKind.PDF, 1, 2000)
    assert image.width * image.height <= MAX_PIXELS


def test_a_file_that_asks_for_all_the_memory_is_told_and_stopped():
    assert fault(samples.swollen_pdf(1_500_000_000), FileKind.PDF) in (PageFault.TOO_HEAVY, PageFault.BROKEN_PAGE)


def test_a_broken_image_is_told():
    assert fault(saved(halves(), "PNG")[:60], FileKind.PNG) is PageFault.BROKEN_PAGE


def test_when_the_child_cannot_start_the_file_is_not_blamed(monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    assert fault(samples.pdf(), FileKind.PDF) is PageFault.NOT_DRAWN


@pytest.fixture
def pages(tmp_path: Path) -> PageShelf:
    return PageShelf(tmp_path / "pages")


def kept(content: bytes, mime: str = "application/pdf", counted: int | None = 2) -> DrawnFile:
    return DrawnFile(hashlib.sha256(content).hexdigest(), mime, counted, lambda: io.BytesIO(content))


def test_a_page_already_drawn_starts_no_child(pages, monkeypatch):
    first = pages.page(kept(samples.pdf(2)), 2, PageSize.PAGE)
    monkeypatch.setattr("sys.executable", "/bin/false")
    assert pages.page(kept(samples.pdf(2)), 2, PageSize.PAGE) == first
    with pytest.raises(NotReadable):
        pages.page(kept(samples.pdf(2)), 1, PageSize.PAGE)


def test_a_page_that_could_not_be_drawn_is_not_tried_again_at_once(pages, caplog):
    broken = kept(b"%PDF-1.4 nothing")
    for _ in range(2):
        with caplog.at_level(logging.WARNING), pytest.raises(NotReadable) as said:
            pages.page(broken, 1, PageSize.PAGE)
        assert said.value.code is PageFault.BROKEN_PAGE
    assert caplog.text.count("was not drawn") == 1
    assert pages.fault(broken.sha256, 1) is PageFault.BROKEN_PAGE


def test_page_images_can_be_forgotten_and_are_drawn_again(pages):
    file = kept(samples.pdf(2))
    first = pages.page(file, 1, PageSize.THUMBNAIL)
    pages.forget(file.sha256)
    assert not (pages.root / file.sha256).exists()
    assert pages.page(file, 1, PageSize.THUMBNAIL) == first


def test_what_is_not_read_as_pages_says_so(pages):
    with pytest.raises(NotReadable) as said:
        pages.page(kept(b"x", "text/csv", None), 1, PageSize.PAGE)
    assert said.value.code is PageFault.NOT_PAGES


def test_two_pages_at_once_the_third_is_asked_to_come_back(pages, monkeypatch):
    monkeypatch.setattr(painting, "PATIENCE", 0.01)
    for _ in range(painting.AT_ONCE):
        assert painting._easels.acquire(timeout=5)
    try:
        with pytest.raises(Busy):
            pages.page(kept(samples.pdf(2)), 1, PageSize.PAGE)
    finally:
        for _ in range(painting.AT_ONCE):
            painting._easels.release()
    assert shelf.PageShelf(pages.root).page(kept(samples.pdf(2)), 1, PageSize.THUMBNAIL)


@pytest.mark.parametrize(
    ("asked", "page", "missed"), [("", 1, ""), ("3", 3, ""), ("99", 12, "99"), ("0", 1, "0"), ("p. ٣", 1, "p. ٣")]
)
def test_a_file_opens_at_the_page_asked_for_or_says_that_there_is_none(asked, page, missed):
    turn = turn_to(asked, "application/pdf", 12)
    assert (turn.page, turn.missed) == (page, missed)


def test_the_pages_that_a_passage_names():
    assert cited_pages("2-4, 9", Measure.PAGES) == (2, 3, 4, 9)
    assert cited_pages("1-99999", Measure.PAGES, most=5) == (1, 2, 3, 4, 5)
    assert cited_pages("12:30-14:00", Measure.MINUTES) == cited_pages("", Measure.PAGES) == ()


def real_files(folder: str) -> list[Path]:
    return sorted((CORPUS / folder).glob("*")) if CORPUS.is_dir() else []


def real(path: Path, pages: PageShelf, page_of: object = None) -> tuple[DrawnFile, int] | None:
    with path.open("rb") as content:
        try:
            what = sniff(content, path.stat().st_size)
        except Refused:
            return None
    count = pages_of(what.mime, what.pages)
    return (DrawnFile(hashlib.sha256(path.read_bytes()).hexdigest(), what.mime, what.pages, lambda: path.open("rb")), count)


@pytest.mark.parametrize("path", real_files("benign"), ids=lambda path: path.name)
def test_the_first_and_last_page_of_a_real_file_are_drawn(path, pages):
    found = real(path, pages)
    if found is None or not found[1]:
        return
    for page in {1, found[1]}:
        image = Image.open(io.BytesIO(pages.page(found[0], page, PageSize.PAGE)))
        assert image.width <= PageSize.PAGE.width
        assert not dict(image.getexif())


@pytest.mark.parametrize("path", real_files("hostile"), ids=lambda path: path.name)
def test_a_hostile_file_gives_a_page_of_ours_or_a_reason(path, pages):
    found = real(path, pages)
    if found is None or not found[1]:
        return
    try:
        image = Image.open(io.BytesIO(pages.page(found[0], 1, PageSize.PAGE)))
        assert image.width * image.height <= MAX_PIXELS
    except NotReadable as said:
        assert said.code in (PageFault.BROKEN_PAGE, PageFault.TOO_HEAVY)  # noqa: PT017
