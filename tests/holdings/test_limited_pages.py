"""Check what each person reads of a block whose validity is limited: while it lasts, once it has ended, and once it
was granted again; every page says what the letter and the certificate say.
"""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from portfolio.db.engine import Database
from portfolio.domain.certification.models import Block
from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.holdings.rules.completion import Label, Result, ResultOf
from portfolio.domain.holdings.rules.granting import GrantGround
from portfolio.domain.notification.rules.letter import (
    Letter,
    LetterGranted,
    LetterHeld,
    LetterOther,
    letter_from_json,
    letter_to_json,
)
from portfolio.wording.documents.blocks import granted_message, other_message
from portfolio.wording.documents.letter import summary_message, verification_message, warm_message
from tests import factories
from tests.guards import drop_statements
from tests.holdings.closings import JUNE, give_letters
from tests.holdings.status_changes import acquire
from tests.holdings.test_views import decide, results, world

__all__ = ["world"]

# Words that a limited block must not have.
FOR_EVER = ("définitivement", "Sans limite", "sans limite de durée", "reste acquis", "pour toujours")
UNTIL = date(2026, 12, 18)


def limit(store: Database, world: factories.World, months: int = 6) -> None:
    """The version says that each block stays acquired so many months."""
    with store.transaction() as session:
        for statement in drop_statements(session.get_bind().dialect.name):
            session.connection().exec_driver_sql(statement)
        session.execute(update(Block).where(Block.version_id == world.version.id).values(validity_months=months))


def on(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """Read the pages on some day."""
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    monkeypatch.setattr("portfolio.web.clock.now", lambda: moment)


def test_while_it_lasts_its_holder_reads_until_when_and_nowhere_for_ever(client, store, world, monkeypatch):
    limit(store, world)
    numbers = decide(store, world, slice(0, 4))
    with store.transaction() as session:
        give_letters(session, world.candidacy.id)
        whole = session.scalars(select(Certificate.number).where(Certificate.award_id.is_not(None))).one()
    on(monkeypatch, UNTIL)
    client.log_in(world.candidate.email, factories.PASSWORD)
    for address in (results(world), f"/dossiers/{world.candidacy.id}", f"/certificats/{numbers[1]}"):
        text = client.page(address).text
        assert not [words for words in FOR_EVER if words in text], address
    text = client.page(results(world)).text
    assert "Tout ce que vous demandiez vous est acquis" in text
    assert "jusqu’au 18 décembre 2026" in text
    assert "étaient acquis et valables ce jour-là" in text
    public = client.page(f"/certificats/{numbers[1]}")
    assert "Ce certificat n’est pas encore signé" in public.text
    assert "Valable jusqu’au 18 décembre 2026" in public.text
    assert "étaient acquis à la date de l’acte" in client.page(f"/certificats/{whole}").text


def test_once_it_has_ended_its_holder_and_anyone_read_that_it_is_no_longer_valid(client, store, world, monkeypatch):
    limit(store, world)
    numbers = decide(store, world, slice(0, 4))
    with store.transaction() as session:
        give_letters(session, world.candidacy.id)
    on(monkeypatch, date(2027, 1, 4))
    client.log_in(world.candidate.email, factories.PASSWORD)
    text = client.page(results(world)).text
    assert "Tout ce que vous demandiez vous est acquis" not in text
    assert "sa validité a pris fin le 18 décembre 2026" in text
    assert "Préparer le dépôt suivant" in text
    public = client.page(f"/certificats/{numbers[1]}")
    assert public.title.startswith("Ce certificat n’est plus valable")
    assert "Ce certificat est valide" not in public.text
    assert not [words for words in FOR_EVER if words in public.text]
    certifier = client.application.test_client()
    certifier.log_in(world.certifier.email, factories.PASSWORD)
    assert certifier.page("/organisme/certificats").text.count("Échu") == 4
    exported = certifier.get("/organisme/certificats?format=csv").get_data(as_text=True)
    assert exported.count("échu") == 4


def test_the_page_of_a_lapsed_certificate_leads_to_the_one_that_was_granted_again(client, store, world, monkeypatch):
    limit(store, world)
    numbers = decide(store, world, slice(0, 4))
    acquire(store, world.candidacy.id, world.version.blocks[0], world.certifier.id, date(2027, 1, 2))
    with store.reader() as session:
        again = session.scalars(
            select(Certificate.number).join(Grant).where(Grant.granted_on == date(2027, 1, 2))
        ).one()
    on(monkeypatch, date(2027, 1, 4))
    page = client.page(f"/certificats/{numbers[1]}")
    assert page.all("a", href=f"/certificats/{again}")
    assert "Ce certificat n’est pas encore signé" in client.page(f"/certificats/{again}").text


def a_letter(**parts: object) -> Letter:
    people = ("Institut", "", "", "", "", "Samia Benali", "Titre", "RNCP1", "PV-1", JUNE)
    told = {"granted": (), "held": (), "refused": ()} | parts
    return Letter(*people, Result(Label.PARTIAL, ResultOf.WHOLE), **told)


def test_the_letter_of_a_limited_block_says_until_when_and_never_for_ever():
    letter = a_letter(granted=(LetterGranted(2, "Bloc", "AAAA", "", valid_until=UNTIL),), refused=())
    said = granted_message(letter, letter.granted[0]) + warm_message(letter) + verification_message(letter, "x")
    assert "18 décembre 2026" in said.replace("\xa0", " ")
    assert "définitivement" not in said
    assert "Ni le temps" not in said
    assert "plus à le prouver" not in said.replace("\xa0", " ")


LAPSED = LetterOther(1, "Bloc", GrantGround.VALIDITY_ENDED, date(2026, 3, 31))
KEPT = (LetterGranted(2, "Bloc", "AAAA", ""),)


def test_a_letter_that_tells_of_a_lapsed_block_says_neither_every_block_nor_that_time_changes_nothing():
    letter = a_letter(granted=KEPT, others=(LAPSED,), whole="BBBB", blocks=2)
    assert summary_message(letter) == "La certification entière est obtenue, certificat BBBB."
    assert "Ni le temps" not in verification_message(letter, "x")
    assert other_message(LAPSED).startswith("Ce bloc n’est plus valable depuis le 1er\u00a0avril 2026. Vous pouvez")
    waits = other_message(LetterOther(1, "Bloc", GrantGround.AWAITING_JURY, LAPSED.valid_until))
    assert waits.startswith("Ce bloc n’est plus valable depuis le 1er\u00a0avril 2026. Ce bloc attend un autre jury")
    assert letter_from_json(letter_to_json(letter)) == letter


def test_a_letter_says_that_time_changes_nothing_only_where_no_block_ends():
    held = LetterHeld(1, "Bloc", JUNE, "AAAA", valid_until=UNTIL)
    assert "Ni le temps" in verification_message(a_letter(granted=KEPT), "x")
    assert "Ni le temps" not in verification_message(a_letter(granted=KEPT, held=(held,)), "x")
    waits = replace(LAPSED, ground=GrantGround.AWAITING_JURY)
    assert "Ni le temps" not in verification_message(a_letter(granted=KEPT, others=(waits,)), "x")


def test_a_letter_keeps_the_end_of_a_block_held_before():
    held = LetterHeld(1, "Bloc", JUNE, "AAAA", valid_until=UNTIL)
    letter = a_letter(held=(held,))
    assert letter_from_json(letter_to_json(letter)).held == (held,)
