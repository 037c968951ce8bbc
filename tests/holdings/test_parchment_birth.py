"""A parchment that says nothing of the birth of its holder is not signed, and the page says who gives it where."""

from datetime import date

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.admissibility.use_cases.corrections import record_birth
from portfolio.domain.candidacy.rules.opening import Birth
from portfolio.domain.holdings.models.grants import Certificate
from portfolio.domain.holdings.rules.status_changes import CertificateRefusal, Identity
from portfolio.domain.holdings.use_cases.identity_correction import rectify_identity
from portfolio.domain.holdings.use_cases.signatures import load_signing_page, sign
from portfolio.errors import Refusal
from portfolio.french_text import NBSP
from tests.jury import builders
from tests.jury.builders import Scene
from tests.jury.pages import as_certifier
from tests.notification.builders import speak
from tests.page import CheckedClient

BORN = Birth(date(1984, 5, 12), "Bordeaux")


def whole(db: Database, *, born: bool = False) -> Scene:
    """Every block granted by minutes closed on the day."""
    made = builders.scene(db, refused=())
    if born:
        with db.transaction() as session:
            record_birth(session, made.candidacy_id, BORN, by=made.candidate.id, at=builders.SEALED_AT)
    builders.close(db, made)
    speak(db, made)
    return made


def test_a_parchment_without_a_birth_is_not_signed(db: Database) -> None:
    made = whole(db)
    with db.reader() as session:
        page = load_signing_page(session, made.body_id)
        ids = session.scalars(select(Certificate.id)).all()
    [parchment] = page.without_birth
    assert (parchment.labels["subject"], parchment.candidacy_id) == ("whole", made.candidacy_id)
    assert parchment.id not in {row.id for row in page.waiting}
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        sign(session, made.body_id, ids, by=made.certifier.id, at=builders.ON_THE_DAY)
    assert refused.value.code is CertificateRefusal.NO_BIRTH
    assert refused.value.facts["names"] == ["Samia Benali"]
    with db.transaction() as session:
        blocks = [row.id for row in page.waiting]
        assert sign(session, made.body_id, blocks, by=made.certifier.id, at=builders.ON_THE_DAY) == len(made.blocks)


def test_a_parchment_with_a_birth_is_signed_with_the_others(db: Database) -> None:
    made = whole(db, born=True)
    with db.transaction() as session:
        page = load_signing_page(session, made.body_id)
        assert page.without_birth == ()
        every = [row.id for row in page.waiting]
        assert sign(session, made.body_id, every, by=made.certifier.id, at=builders.ON_THE_DAY) == len(made.blocks) + 1


def test_the_birth_that_is_inscribed_gives_a_parchment_to_sign(db: Database) -> None:
    made = whole(db)
    told = (Identity("Samia Benali", BORN), "La naissance manquait.", builders.DAY)
    with db.transaction() as session:
        rectify_identity(session, made.candidacy_id, *told, by=made.certifier.id, at=builders.ON_THE_DAY)
    with db.reader() as session:
        page = load_signing_page(session, made.body_id)
    assert page.without_birth == ()
    assert "whole" in {row.labels["subject"] for row in page.waiting}


def test_the_page_says_who_gives_the_birth_and_where(client: CheckedClient, store: Database) -> None:
    made = whole(store)
    as_certifier(client, made)
    page = client.page("/organisme/certificats-a-signer")
    assert "Demandez-lui sa date et son lieu de naissance" in page.text.replace(NBSP, " ")
    assert f"/candidatures/{made.candidacy_id}/identite" in [link["href"] for link in page.all("a")]
