"""Pages are drawn here, upright and without what cameras write; nothing that a file holds harms who draws it."""

import io
from collections.abc import Callable, Iterator, Sequence

import pytest
from PIL import Image, ImageCms
from pillow_heif import register_heif_opener

from portfolio.domain.dossier.rules.citation import CitationUnit, cited_pages
from portfolio.domain.dossier.rules.rendition import DRAWN_AHEAD, PageError, PageSize, unpack_boxes
from portfolio.files.file_types.types import FileType
from portfolio.files.renditions.page_images import client
from portfolio.files.renditions.page_images.navigation import MAX_PIXELS, NotReadable, page_at
from portfolio.files.sandbox import fork_server, process
from portfolio.files.sandbox.fork_server import ForkServer
from portfolio.files.sandbox.walls import READY
from tests import samples

register_heif_opener()

# A child that receives its file as ours do, then does what a test says.
RECEIVED = """
import os, sys, time, types
package = types.ModuleType("portfolio")
package.__path__ = [sys.argv[1]]
sys.modules["portfolio"] = package
from portfolio.files.sandbox.fork_server import receive_file
receive_file(forks=bool(int(sys.argv[3])))
"""


@pytest.fixture
def child(monkeypatch) -> Iterator[Callable[[str], None]]:
    """Have pages drawn by children that do this instead of drawing."""
    servers = [ForkServer(client._MAIN), ForkServer(client._MAIN)]
    monkeypatch.setattr(client, "_batch", servers[0])
    monkeypatch.setattr(client, "_awaited", servers[1])
    yield lambda deed: monkeypatch.setattr(process, "_CHILD", RECEIVED + deed)
    for server in servers:
        server.end()


def painted(
    content: bytes, kind: FileType, page: int = 1, sizes: Sequence[PageSize] = DRAWN_AHEAD
) -> client.RenderedPage:
    [found] = client.render_pages(io.BytesIO(content), kind, page, page, sizes)
    return found


def drawn(content: bytes, kind: FileType, page: int = 1, size: PageSize = PageSize.PAGE) -> Image.Image:
    found = painted(content, kind, page, [size])
    assert found.fault is None
    image = Image.open(io.BytesIO(found.images[size]))
    assert image.format == "WEBP"
    return image


def fault(content: bytes, kind: FileType, page: int = 1) -> PageError | None:
    return painted(content, kind, page).fault


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
    image = drawn(samples.pdf(3), FileType.PDF, 3)
    assert image.width == 1200
    assert image.height == pytest.approx(1200 * 842 / 595, abs=3)
    assert image.convert("L").getextrema()[0] < 100, "something is written on it"
    assert fault(samples.pdf(3), FileType.PDF, 4) is PageError.NO_SUCH_PAGE


def test_a_photograph_is_turned_upright_and_keeps_nothing_of_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Appareil"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 30.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = saved(halves(), "JPEG", exif=exif, icc_profile=profile, comment=b"canary")
    image = drawn(content, FileType.JPEG)
    assert image.size == (100, 200)
    assert near(image.convert("RGB").getpixel((50, 20)), (255, 0, 0))
    assert near(image.convert("RGB").getpixel((50, 180)), (0, 0, 255))
    assert not dict(image.getexif())
    assert not {"exif", "icc_profile", "xmp", "comment"} & set(image.info)


@pytest.mark.parametrize(
    ("name", "kind"), [("PNG", "png"), ("GIF", "gif"), ("WEBP", "webp"), ("AVIF", "avif"), ("HEIF", "heic")]
)
def test_every_accepted_kind_of_image_is_drawn(name, kind):
    assert near(drawn(saved(halves(), name), FileType(kind)).convert("RGB").getpixel((20, 50)), (255, 0, 0))


def test_a_photograph_of_too_many_pixels_for_other_formats_is_drawn_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    found = drawn(samples.image("JPEG", (7000, 6000), exif=exif), FileType.JPEG)
    assert abs(found.width / found.height - 6000 / 7000) < 0.01


@pytest.mark.parametrize(
    ("mode", "colour", "name", "options"),
    [
        ("1", 0, "PNG", {}),
        ("L", 100, "PNG", {}),
        ("P", 0, "PNG", {}),
        ("L", 100, "TIFF", {"compression": "tiff_lzw"}),
        ("1", 0, "TIFF", {"compression": "group4"}),
        ("RGB", (100, 100, 100), "TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_a_sheet_a3_of_a_scanner_is_drawn_at_600_points_an_inch(mode, colour, name, options):
    sheet = Image.new(mode, (9921, 7016), "white" if mode == "RGB" else 255)
    if mode == "P":
        sheet.putpalette([0, 0, 0] + 255 * [255, 255, 255])
    sheet.paste(colour, (0, 3508, 4960, 7016))
    content = saved(sheet, name, **options)
    for size in (PageSize.PAGE, PageSize.DETAIL):
        image = drawn(content, FileType(name.lower()), size=size).convert("L")
        assert image.size == (size.width, pytest.approx(size.width * 7016 / 9921, abs=1))
        middle, half = image.height // 2, image.width // 2
        assert image.getpixel((half - 6, middle + 6)) < 130
        assert {image.getpixel(at) > 240 for at in ((half - 6, middle - 6), (half + 6, middle + 6))} == {True}


def test_a_plan_a1_of_a_scanner_is_drawn_at_600_points_an_inch():
    image = drawn(samples.vast_png(16_700), FileType.PNG, size=PageSize.DETAIL)
    assert image.size == (3200, 3200)


def test_what_is_transparent_is_shown_on_white():
    image = drawn(saved(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"), FileType.PNG)
    assert near(image.convert("RGB").getpixel((25, 25)), (255, 255, 255))


def test_each_page_of_a_tiff_is_drawn():
    content = saved(
        Image.new("RGB", (60, 60), "red"), "TIFF", save_all=True, append_images=[Image.new("RGB", (60, 60), "blue")]
    )
    assert near(drawn(content, FileType.TIFF, 2).convert("RGB").getpixel((30, 30)), (0, 0, 255))
    assert fault(content, FileType.TIFF, 3) is PageError.NO_SUCH_PAGE


def test_a_page_of_too_many_pixels_is_said_too_heavy_and_the_others_are_drawn():
    content = saved(
        Image.new("1", (60, 60)),
        "TIFF",
        save_all=True,
        append_images=[Image.new("1", (17_500, 17_500))],
        compression="group4",
    )
    assert fault(content, FileType.TIFF, 1) is None
    assert fault(content, FileType.TIFF, 2) is PageError.TOO_HEAVY


def test_a_picture_is_made_smaller_never_larger():
    assert drawn(saved(halves((800, 400)), "PNG"), FileType.PNG, size=PageSize.THUMBNAIL).size == (320, 160)
    assert drawn(saved(halves(), "PNG"), FileType.PNG, size=PageSize.LARGE).size == (200, 100)


def test_an_endless_page_stays_within_what_a_page_image_may_hold():
    content = samples.pdf(1).replace(b"[0 0 595 842]", b"[0 0 10 14400]")
    image = drawn(content, FileType.PDF, 1, PageSize.LARGE)
    assert image.width * image.height <= MAX_PIXELS


def test_a_broken_image_is_told():
    assert fault(saved(halves(), "PNG")[:60], FileType.PNG) is PageError.BROKEN_PAGE


@pytest.mark.usefixtures("child")
def test_when_the_child_cannot_start_the_file_is_not_blamed(monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(NotReadable) as said:
        painted(samples.pdf(), FileType.PDF)
    assert said.value.code is PageError.NOT_DRAWN


def test_pages_come_one_by_one_each_at_the_widths_drawn_ahead_with_its_text():
    found = list(client.render_pages(io.BytesIO(samples.pdf(3, "Attestation de Samia")), FileType.PDF, 1, 3))
    assert [rendered_page.page for rendered_page in found] == [1, 2, 3]
    for rendered_page in found:
        assert {size: Image.open(io.BytesIO(image)).width for size, image in rendered_page.images.items()} == {
            size: size.width for size in DRAWN_AHEAD
        }
        assert "Attestation de Samia" in rendered_page.text
        assert (rendered_page.width, rendered_page.height) == (793, 1123), "a sheet of A4 at 96 pixels for an inch"
        assert len(unpack_boxes(rendered_page.word_boxes)) == len(rendered_page.text.split()), "each word has its place"


def test_the_widths_that_are_asked_for_are_drawn_and_no_other():
    found = painted(samples.pdf(1, "Petits caractères"), FileType.PDF, 1, [PageSize.DETAIL])
    assert {size: Image.open(io.BytesIO(image)).width for size, image in found.images.items()} == {
        PageSize.DETAIL: 3200
    }


def test_the_text_of_a_page_is_lines_without_what_controls_or_hides():
    assert client.readable("a\x00b\x1b[2J\u202ec\r\nbud\x02gétaire\u200b  \n") == "ab[2Jc\nbudgétaire"


def test_a_page_too_heavy_is_said_so_only_when_it_had_the_child_to_itself(monkeypatch):
    monkeypatch.setattr(client, "_SECONDS", 1)
    monkeypatch.setattr(client, "_MORE_SECONDS", 0)
    monkeypatch.setattr(fork_server, "PATIENCE", 60.0)  # however busy the machine of the test is
    heavy = list(client.render_pages(io.BytesIO(samples.swollen_pdf(1_500_000_000)), FileType.PDF, 1, 1))
    assert [(rendered_page.page, rendered_page.fault) for rendered_page in heavy] == [(1, PageError.TOO_HEAVY)]


def test_a_machine_too_busy_to_draw_a_page_does_not_make_it_too_heavy(monkeypatch, child):
    monkeypatch.setattr(client, "_SECONDS", 1)
    monkeypatch.setattr(fork_server, "PATIENCE", 1.0)
    child(f"os.write(1, {READY!r}); time.sleep(60)")
    with pytest.raises(NotReadable) as said:
        painted(samples.pdf(), FileType.PDF)
    assert said.value.code is PageError.NOT_DRAWN


def test_a_page_that_somebody_waits_for_comes_before_its_text():
    pages = client.render_pages(
        io.BytesIO(samples.pdf(1, "Attestation de Samia")), FileType.PDF, 1, 1, awaited=PageSize.PAGE
    )
    image, rest = list(pages)
    assert (set(image.images), image.text, image.is_text_read) == ({PageSize.PAGE}, "", False)
    assert (set(rest.images), rest.text, rest.is_text_read) == ({PageSize.THUMBNAIL}, "Attestation de Samia", True)
    assert (image.width, image.height) == (rest.width, rest.height) != (0, 0)


def test_a_page_that_somebody_waits_for_and_that_is_broken_comes_once():
    [found] = client.render_pages(io.BytesIO(b"%PDF-1.4 nothing"), FileType.PDF, 1, 1, awaited=PageSize.PAGE)
    assert (found.fault, found.is_text_read) == (PageError.BROKEN_PAGE, True)


def test_a_child_that_dies_between_the_image_and_the_text_leaves_no_page_half_checked(child):
    image = b"RIFF....WEBP"
    said = READY + b'{"page": 1, "sizes": [%d], "text": 0, "hidden": 0}\n' % len(image) + image
    child(f"os.write(1, {said!r})\nos._exit(0)")
    first, then = client.render_pages(io.BytesIO(samples.pdf()), FileType.PDF, 1, 1, awaited=PageSize.PAGE)
    assert (first.images, first.is_text_read) == ({PageSize.PAGE: image}, False)
    assert (then.fault, then.is_text_read) == (PageError.TOO_HEAVY, True)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"nothing of ours\n",
        b'{"page": 2, "sizes": [1, 1, 1], "text": 0}\nabc',
        b'{"page": 1, "sizes": [1, 1], "text": 0}\nab',
        b'{"page": 1, "sizes": [12, 12, 12], "text": 0}\n' + b"<script>alert" * 3,
        b'{"page": 1, "sizes": [999999999, 1, 1], "text": 0}\n',
        b'{"page": 1, "sizes": [1, 1, 1], "text": 999999999}\nabc',
        b'{"page": 1, "fault": "made_up"}\n',
        b"[" * 5000,
    ],
)
def test_a_child_that_a_file_took_over_says_images_of_ours_or_nothing(said, child):
    child(f"os.write(1, {READY + said!r})\nos._exit(0)")
    [found] = client.render_pages(io.BytesIO(samples.pdf()), FileType.PDF, 1, 1)
    assert (found.fault, dict(found.images), found.text) == (PageError.TOO_HEAVY, {}, "")


@pytest.mark.parametrize(
    ("asked", "page", "missed"), [("", 1, ""), ("3", 3, ""), ("99", 12, "99"), ("0", 1, "0"), ("p. ٣", 1, "p. ٣")]
)
def test_a_file_opens_at_the_page_asked_for_or_says_that_there_is_none(asked, page, missed):
    turn = page_at(asked, "application/pdf", 12)
    assert (turn.page, turn.missed) == (page, missed)


def test_the_pages_that_a_passage_names():
    assert cited_pages("2-4, 9", CitationUnit.PAGES) == (2, 3, 4, 9)
    assert cited_pages("1-99999", CitationUnit.PAGES, most=5) == (1, 2, 3, 4, 5)
    assert cited_pages("12:30-14:00", CitationUnit.MINUTES) == cited_pages("", CitationUnit.PAGES) == ()
