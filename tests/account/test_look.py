"""The look of the documents of a body: a logo written anew, a colour that can be read, documents that keep
that of their day.
"""

import io
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from portfolio.db.engine import Database
from portfolio.domain.account.models import CertifyingBodyMember
from portfolio.domain.account.rules import MemberRight
from portfolio.domain.certifying_body import look as looks
from portfolio.domain.certifying_body.look import contrast_with_white, is_readable, nearest_readable, read_colour
from portfolio.domain.certifying_body.models import BodyLook
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Logo
from portfolio.files.file_types.types import FileRejected
from portfolio.files.renditions.logo_client import LogoFault, LogoRejected, written_logo
from tests import factories, samples
from tests.factories import AT
from tests.page import CheckedClient

DAY = timedelta(days=1)
PAGE, COLOUR = "/organisme/apparence", "/organisme/apparence/couleur"


def drawing(size: tuple[int, int] = (900, 300), form: str = "PNG", ink: str = "#143ca0", **options: object) -> bytes:
    """A logo: a disc on a transparent sheet, or on white for a JPEG."""
    sheet = Image.new("RGBA" if form == "PNG" else "RGB", size, (255, 255, 255, 0) if form == "PNG" else "white")
    ImageDraw.Draw(sheet).ellipse((5, 5, size[1] - 5, size[1] - 5), fill=ink)
    out = io.BytesIO()
    sheet.save(out, form, **options)
    return out.getvalue()


def written(content: bytes) -> Logo:
    return written_logo(io.BytesIO(content), len(content))


def refused(content: bytes) -> LogoFault:
    with pytest.raises(LogoRejected) as caught:
        written(content)
    return caught.value.code


@given(st.integers(0, 0xFFFFFF))
def test_the_colour_that_is_proposed_can_be_read_and_stays_when_it_could_be(value: int):
    colour = f"#{value:06x}"
    proposed = nearest_readable(colour)
    assert is_readable(proposed)
    assert (proposed == colour) is is_readable(colour)


def test_contrast_is_that_of_the_norm():
    assert round(contrast_with_white("#767676"), 2) == 4.54, "the palest grey that WCAG takes on white"
    assert round(contrast_with_white("#ffffff"), 2) == 1
    assert round(contrast_with_white("#000000"), 2) == 21
    assert read_colour(" 1D4ED8 ") == "#1d4ed8"
    assert read_colour("bleu") is None


def test_a_darker_colour_keeps_its_hue():
    red, green, blue = (int(nearest_readable("#ffb3b3")[at : at + 2], 16) for at in (1, 3, 5))
    assert red > green == blue
    assert contrast_with_white(nearest_readable("#ffb3b3")) < 4.7, "the nearest, not a much darker one"


def test_a_logo_is_written_anew_on_white_and_without_metadata():
    made = written(samples.jpeg((2400, 1200), located=True))
    assert b"Exif" not in made.content
    assert (made.width, made.height) == (1000, 500)
    assert len(made.content) <= 200_000
    flat = written(drawing())
    assert flat.mime == "image/png"
    with Image.open(io.BytesIO(flat.content)) as image:
        assert image.mode == "RGB"
        assert image.getpixel((899, 0)) == (255, 255, 255), "what was transparent is white"
        assert not image.info.get("icc_profile")


DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">
<rect x="10" y="10" width="{wide}" height="30" fill="{ink}"/></svg>"""


def vector(width: int = 300, height: int = 100, wide: int = 80, ink: str = "#143ca0") -> bytes:
    """A logo as a drawing."""
    return DRAWING.format(width=width, height=height, wide=wide, ink=ink).encode()


def test_a_drawing_becomes_pixels_without_the_white_around_it():
    logo = written(vector())
    assert (logo.mime, logo.content[:4]) == ("image/png", b"\x89PNG")
    with Image.open(io.BytesIO(logo.content)) as image:
        assert image.size == (logo.width, logo.height)
        assert 2.6 < image.width / image.height < 2.75
        assert image.convert("RGB").getpixel((image.width // 2, image.height // 2)) == (0x14, 0x3C, 0xA0)


def test_a_drawing_that_cannot_be_a_logo_is_refused_with_its_reason():
    assert refused(vector(ink="#ffffff")) is LogoFault.TOO_PALE
    assert refused(vector(wide=2)) is LogoFault.TOO_SMALL
    assert refused(vector(ink='" <')) is LogoFault.UNREADABLE
    for active in (b"<script>alert(1)</script>", b'<image href="http://127.0.0.1:9/logo.png" width="9"/>'):
        with pytest.raises(FileRejected):
            written(vector().replace(b"<rect", active + b"<rect"))


@pytest.mark.slow
def test_what_is_no_logo_is_refused_with_its_reason():
    assert refused(drawing((120, 90))) is LogoFault.TOO_SMALL
    assert refused(drawing((900, 40))) is LogoFault.TOO_LONG
    assert refused(drawing(ink="#ffffff")) is LogoFault.TOO_PALE
    assert refused(samples.pdf(1)) is LogoFault.NOT_A_PICTURE
    assert refused(b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>") is LogoFault.TOO_PALE
    assert refused(b"\x89PNG" + b"x" * 5_000_001) is LogoFault.TOO_HEAVY
    with pytest.raises(FileRejected):
        written(drawing()[:400])


@pytest.mark.records("body_accent_set", "body_logo_removed", "body_logo_set")
def test_a_document_bears_the_look_of_its_day(db: Database):
    logo = written(drawing())
    with db.transaction() as session:
        body = factories.body(session)
        by = factories.certifier(session, body.id).id
        looks.set_logo(session, body.id, logo, by=by, at=AT)
        looks.set_accent(session, body.id, "#1d4ed8", by=by, at=AT + DAY)
        looks.remove_logo(session, body.id, by=by, at=AT + 2 * DAY)
    with db.reader() as session:
        assert looks.load_look(session, body.id, AT - DAY) is PLAIN_LOOK
        assert looks.load_look(session, body.id, AT).logo == logo.content
        assert looks.load_look(session, body.id, AT + DAY).logo == logo.content
        assert looks.load_look(session, body.id, AT + DAY).accent == "#1d4ed8"
        now = looks.load_look(session, body.id)
        assert (now.logo, now.accent) == (b"", "#1d4ed8")


def test_the_database_refuses_to_change_a_look(db: Database):
    with db.transaction() as session:
        body = factories.body(session)
        by = factories.certifier(session, body.id).id
        looks.set_accent(session, body.id, "#1d4ed8", by=by, at=AT)
    with pytest.raises(DatabaseError), db.transaction() as session:
        session.scalars(select(BodyLook)).one().accent = "#000000"


def test_the_same_colour_again_writes_nothing(db: Database):
    with db.transaction() as session:
        body = factories.body(session)
        by = factories.certifier(session, body.id).id
        looks.set_accent(session, body.id, "", by=by, at=AT)
        looks.remove_logo(session, body.id, by=by, at=AT)
    with db.reader() as session:
        assert session.scalars(select(BodyLook)).all() == []


@pytest.fixture
def manager(client: CheckedClient, store: Database) -> UUID:
    with store.transaction() as session:
        body = factories.body(session)
        person = factories.certifier(session, body.id)
    client.log_in(person.email, factories.PASSWORD)
    return body.id


def send_logo(client: CheckedClient, content: bytes, **typed: str):
    return client.send(f"{PAGE}/logo", {"logo": (io.BytesIO(content), "logo.png"), **typed}, form=PAGE)


def test_a_manager_gives_a_logo_sees_it_and_takes_it_back(client: CheckedClient, manager: UUID):
    assert client.get(f"{PAGE}/logo").status_code == 404
    answer = send_logo(client, drawing())
    assert answer.status_code == 422, "nobody attested that it shows no emblem of the State"
    assert "emblèmes de l’État" in answer.text
    assert send_logo(client, drawing(), attested="y").status_code == 303
    assert "/organisme/apparence/logo?v=1" in client.get(PAGE).text
    shown = client.get(f"{PAGE}/logo")
    assert shown.mimetype == "image/png"
    assert shown.data == written(drawing()).content
    assert client.get(f"{PAGE}/apercu.png").data.startswith(b"\x89PNG")
    assert client.send(f"{PAGE}/logo/retirer", {}, form=PAGE).status_code == 303
    assert client.get(f"{PAGE}/logo").status_code == 404


def test_a_refused_logo_says_what_to_do(client: CheckedClient, manager: UUID):
    answer = send_logo(client, drawing((90, 90)), attested="y")
    assert answer.status_code == 422
    assert "Il en faut au moins 200" in answer.text
    answer = send_logo(client, b"bonjour", attested="y")
    assert answer.status_code == 422
    assert "ni un PNG, ni un JPEG, ni un SVG" in answer.text


def test_a_pale_colour_is_refused_with_the_nearest_that_can_be_read(
    client: CheckedClient, manager: UUID, store: Database
):
    answer = client.send(COLOUR, {"choice": "own", "colour": "#ffd400"}, form=PAGE)
    proposed = nearest_readable("#ffd400")
    assert answer.status_code == 422
    assert "trop claire pour être lue sur du blanc" in answer.text
    assert f"Prendre {proposed}" in answer.text
    assert client.send(COLOUR, {"choice": "own", "colour": proposed}, form=PAGE).status_code == 303
    with store.reader() as session:
        assert looks.load_look(session, manager).accent == proposed
    assert client.send(COLOUR, {"choice": "usual", "colour": proposed}, form=PAGE).status_code == 303
    with store.reader() as session:
        assert looks.load_look(session, manager).is_plain


def test_who_does_not_manage_sees_and_changes_nothing(client: CheckedClient, store: Database):
    with store.transaction() as session:
        body = factories.body(session)
        factories.certifier(session, body.id)
        other = factories.certifier(session, body.id, "Paul Adam")
        session.get_one(CertifyingBodyMember, (body.id, other.id)).member_right = MemberRight.SIGNATORY
    client.log_in(other.email, factories.PASSWORD)
    assert "Seule une personne qui gère l’équipe" in client.get(PAGE).text
    for path in (f"{PAGE}/logo", f"{PAGE}/logo/retirer", COLOUR):
        assert client.send(path, {"choice": "usual"}, form="/compte").status_code == 403
