"""A name or a birth mistyped on certificates is put right by new ones that refer to the first; nothing is
edited (R12, R13).
"""

from datetime import date, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.opening import Birth
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.holdings.models.grants import Certificate
from portfolio.domain.holdings.rules.status_changes import CertificateRefusal, GrantStatus, Identity, StatusChangeKind
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.domain.holdings.use_cases.identity_correction import rectify_identity
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.holdings.use_cases.signatures import load_signing_page, sign
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.notification.use_cases.document_data import find_certificate_data
from portfolio.errors import Refusal
from portfolio.on_commit import open_database
from portfolio.screens.candidate.results.queries import load_results_page
from portfolio.screens.public.certificate.views import find_public_certificate
from portfolio.web.clock import today
from portfolio.wording.documents import certificate_pdf
from tests import factories, samples
from tests.documents.reading import words_of
from tests.holdings.status_changes import DECIDED, LATER, later
from tests.jury.builders import close, scene
from tests.notification.builders import decided, speak

RIGHT = Identity("Samia Bénali", Birth(date(1984, 5, 12), "Bordeaux"))
WHY = "Le nom était écrit sans accent : carte d’identité vue ce jour."


def rectify(db, made, identity=RIGHT, reason=WHY, on=DECIDED, at=LATER) -> list[Certificate]:
    with db.transaction() as session:
        return rectify_identity(session, made.candidacy_id, identity, reason, on, by=made.certifier.id, at=at)


def second_refused(url):
    """A hearing closed with block 2 refused."""
    database = open_database(url)
    made = decided(database)
    database.engine.dispose()
    return made


@pytest.fixture
def made(database_url, stories):
    return stories.begin(database_url, "block 2 refused, certificates", second_refused)


def test_each_certificate_that_stands_is_issued_again_and_the_first_says_by_which(db, made):
    with db.reader() as session:
        before = {one.number: one.printed_text for one in session.scalars(select(Certificate))}
    issued = rectify(db, made)
    assert len(issued) == len(before) == 3
    with db.reader() as session:
        assert {
            one.number: one.printed_text for one in session.scalars(select(Certificate)) if one.number in before
        } == before
        for certificate in issued:
            first = certificate.printed_text["rectifies"]["number"]
            old, new = (find_public_certificate(session, first), find_public_certificate(session, certificate.number))
            assert (old.standing.status, old.standing.replaced_by) == (GrantStatus.REPLACED, certificate.number)
            assert old.standing.rectified
            assert (new.standing.status, new.labels["holder"]) == (GrantStatus.HELD, "Samia Bénali")
            assert "birth" not in new.labels
            assert {**new.labels, "holder": old.labels["holder"], "rectifies": None} == {
                **old.labels,
                "rectifies": None,
            }
        held = held_blocks(session, made.candidate.id, made.version_id, on=None)
        assert {held_block.number for held_block in held.values()} == {certificate.number for certificate in issued}
        assert {
            block.held.number
            for block in load_results_page(session, made.candidacy_id, on=date.max).blocks
            if block.held
        } == {certificate.number for certificate in issued}
        assert (recompute(session).gaps, check(session).difference) == ((), None)
        told = [one.person_id for one in session.scalars(select(OutgoingEmail)) if "une décision" in one.subject]
        assert told == [made.candidate.id]
        assert session.get(Candidacy, made.candidacy_id).candidate_name == "Samia Bénali"


def test_a_second_mistake_is_rectified_again_and_the_first_leads_to_the_last(db, made):
    first = rectify(db, made)[0].printed_text["rectifies"]["number"]
    then = LATER + timedelta(days=1)
    last = rectify(db, made, Identity("Samia Benali-Roux"), on=then.date(), at=then)
    with db.reader() as session:
        assert find_public_certificate(session, first).standing.replaced_by == last[0].number
        assert recompute(session).gaps == ()


def test_what_is_suspended_is_rectified_and_stays_suspended_and_what_is_withdrawn_is_not(db, made):
    later(db, StatusChangeKind.WITHDRAWAL, made.candidate.id, made.blocks[0], made.certifier.id)
    later(db, StatusChangeKind.SUSPENSION, made.candidate.id, made.blocks[2], made.certifier.id)
    issued = rectify(db, made)
    assert sorted(certificate.printed_text["block"]["number"] for certificate in issued) == [3, 4]
    with db.reader() as session:
        for certificate in issued:
            assert find_public_certificate(session, certificate.number).standing.status is GrantStatus.SUSPENDED
            assert (
                find_public_certificate(session, certificate.printed_text["rectifies"]["number"]).standing.status
                is GrantStatus.SUSPENDED
            )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"identity": Identity("Samia Benali")}, CertificateRefusal.NOTHING_TO_RECTIFY),
        ({"reason": " "}, CertificateRefusal.NO_REASON),
        ({"on": date(2030, 1, 1)}, CertificateRefusal.DECIDED_TOMORROW),
        ({"on": date(2020, 1, 1)}, CertificateRefusal.DECIDED_TOO_SOON),
    ],
)
def test_a_rectification_that_cannot_be_says_why_and_writes_nothing(db, made, change, code):
    with pytest.raises(Refusal) as refused:
        rectify(db, made, **change)
    assert refused.value.code is code
    with db.reader() as session:
        assert len(session.scalars(select(Certificate)).all()) == 3


@pytest.mark.records("identity_rectified")
def test_the_paper_refers_to_the_first_waits_for_its_signature_and_the_first_says_it_is_replaced(db, made):
    speak(db, made)
    one = rectify(db, made)[0]
    with db.transaction() as session:
        waiting = {each.number for each in load_signing_page(session, made.body_id).waiting}
        assert one.number in waiting
        assert one.printed_text["rectifies"]["number"] not in waiting
        sign(session, made.body_id, [one.id], by=made.certifier.id, at=LATER)
    with db.reader() as session:
        new = words_of(certificate_pdf(find_certificate_data(session, one.number), "https://exemple.fr/c"))
        old = words_of(
            certificate_pdf(
                find_certificate_data(session, one.printed_text["rectifies"]["number"]), "https://exemple.fr/c"
            )
        )
    for words in (
        "Samia Bénali",
        "12 mai 1984",
        f"Ce certificat rectifie le certificat {one.printed_text['rectifies']['number']}",
    ):
        assert words in new.replace("\u00a0", " "), words
    assert f"par le certificat {one.number}, qui corrige l’identité imprimée" in old


@pytest.mark.slow
def test_the_certifier_sees_what_changes_before_it_does(client, store):
    made = scene(store, refused=())
    close(store, made)
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/candidatures/{made.candidacy_id}/identite"
    assert client.page(url).all("input", name="holder")[0]["value"] == "Samia Benali"
    said = {
        "holder": "Samia Bénali",
        "born_on": "12/05/1984",
        "birth_place": "Bordeaux",
        "birth_name": "",
        "reason": WHY,
    }
    said["decided_on"] = today().strftime("%d/%m/%Y")
    looked = client.send(url, said)
    assert (looked.status_code, looked.text.count("Samia Benali") >= 5, "ce qui changera" in looked.text) == (
        200,
        True,
        True,
    )
    assert client.send(url, said | {"holder": ""}).status_code == 422
    assert client.send(url, said | {"step": "confirm"}).status_code == 422, "neither a password nor a proof"
    sent = {"step": "confirm", "password": factories.PASSWORD}
    text = client.send(url, said | sent | {"proof": (BytesIO(b"preuve"), "preuve.txt")})
    assert (text.status_code, "Samia Bénali" in text.text) == (422, True)
    sent["proof"] = (BytesIO(samples.pdf()), "piece.pdf")
    assert client.send(url, said | sent).status_code == 303
    assert "déjà ces informations" in client.send(url, said).text
