"""Documents in the look of a body: both standards hold, the logo has an alternative, what is plain does not
change by a byte.
"""

import io
from datetime import timedelta

import pikepdf
import pytest
from PIL import Image, ImageDraw

from portfolio.db.engine import Database
from portfolio.documents.certificate import block_certificate_pdf, parchment_pdf
from portfolio.documents.livret.book import booklet_pdf
from portfolio.documents.minutes import minutes_pdf
from portfolio.documents.notification import notification_pdf
from portfolio.documents.receipt import receipt_pdf
from portfolio.domain.certifying_body import look as looks
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Logo, Look
from portfolio.domain.notification.use_cases.document_data import load_receipt_data
from portfolio.domain.submission.use_cases.editions import load_printable, load_printable_draft
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.wording.documents.receipt import booklet_values, receipt_value
from tests import factories
from tests.documents import samples
from tests.documents.reading import outside_of, pages_of, words_of
from tests.factories import AT

DOCUMENTS = {
    "receipt": (receipt_pdf, samples.receipt),
    "minutes": (minutes_pdf, samples.minutes),
    "notification": (notification_pdf, samples.notification),
    "certificate": (block_certificate_pdf, samples.certificate),
    "parchment": (parchment_pdf, samples.parchment),
}
every_document = pytest.mark.parametrize(("pdf_of", "sample"), DOCUMENTS.values(), ids=DOCUMENTS)


def logo(form: str = "PNG", size: tuple[int, int] = (900, 300)) -> bytes:
    image, out = Image.new("RGB", size, "white"), io.BytesIO()
    ImageDraw.Draw(image).ellipse((5, 5, size[1] - 5, size[1] - 5), fill="#143ca0")
    image.save(out, form)
    return out.getvalue()


@every_document
@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_document_with_a_look_keeps_both_standards_and_its_words(pdf_of, sample, form):
    plain, own = pdf_of(sample()), pdf_of(sample(), Look(logo(form), "#1d4ed8"))
    assert b"<pdfaid:part>3</pdfaid:part>" in own
    assert b"<pdfuaid:part>1</pdfuaid:part>" in own
    # The head of a table may be told once more, where a page ends elsewhere.
    assert set(words_of(own).split()) == set(words_of(plain).split())
    assert len(pages_of(own)) <= len(pages_of(plain)) + 1
    assert outside_of(own) == outside_of(plain)
    assert "Logo de l’organisme certificateur" in alternatives_of(own)
    assert "Logo" not in alternatives_of(plain)


def alternatives_of(pdf: bytes) -> str:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        tagged = [one for one in document.objects if isinstance(one, pikepdf.Dictionary) and "/Alt" in one]
        return " ".join(str(one["/Alt"]) for one in tagged)


@every_document
def test_a_plain_look_is_no_look(pdf_of, sample):
    assert pdf_of(sample(), PLAIN_LOOK) == pdf_of(sample())


def test_a_very_long_name_and_a_tall_logo_stay_on_the_certificate():
    pdf = block_certificate_pdf(
        samples.certificate(certifier="Institut " + "interminable " * 12), Look(logo(size=(300, 700)), "")
    )
    assert len(pages_of(pdf)) <= 2
    assert not outside_of(pdf)


def test_what_was_sealed_before_a_look_keeps_none_and_a_draft_takes_it(db: Database):
    with db.transaction() as session:
        world = factories.world(session)
        submission_id = submit(session, world.candidacy.id, "Je le jure.", by=world.candidate.id, at=AT).id
    with db.reader() as session:
        before = receipt_of(session, submission_id)
        root, draft = (
            load_printable(session, submission_id).root,
            load_printable_draft(session, world.candidacy.id, at=AT).root,
        )
    with db.transaction() as session:
        given = Logo(logo(), "image/png", 900, 300)
        looks.set_logo(session, world.body.id, given, by=world.candidate.id, at=AT + timedelta(days=1))
    with db.reader() as session:
        assert receipt_of(session, submission_id) == before, "what is sealed does not change by a byte"
        sealed, now = (load_printable(session, submission_id), load_printable_draft(session, world.candidacy.id, at=AT))
        assert (sealed.look, sealed.root) == (PLAIN_LOOK, root)
        assert now.look.logo == given.content
        assert now.root != draft, "a draft that was printed without the logo is printed anew"


def receipt_of(session, submission_id) -> bytes:
    data = load_receipt_data(session, submission_id)
    return receipt_pdf(receipt_value(data), data.look)


def test_the_booklet_of_a_juror_bears_the_logo_on_its_two_pages(db: Database):
    with db.transaction() as session:
        world = factories.world(session)
        submission = submit(session, world.candidacy.id, "Je le jure.", by=world.candidate.id, at=AT)
        printable = load_printable(session, submission.id)
    plain = booklet_pdf(booklet_values, printable.dossier, printable.root)
    own = booklet_pdf(booklet_values, printable.dossier, printable.root, Look(logo(), "#1d4ed8"))
    assert len(pages_of(own)) == len(pages_of(plain))
    assert own != plain
