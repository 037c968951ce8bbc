"""Many candidacies are opened from a spreadsheet: all of them, or none and each wrong line named."""

from __future__ import annotations

from sqlalchemy import func, select

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.bulk_lines import LineFault, read_lines
from portfolio.domain.candidacy_listing.use_cases import check
from tests import factories
from tests.page import CheckedClient


def test_lines_are_read_in_either_order_under_a_header_or_not():
    found = read_lines("Nom\tAdresse\nInès Duval\tines@exemple.fr\n\npaul@exemple.fr;Paul;Adam\n")
    assert [(line.number, line.name, line.email) for line in found.lines] == [
        (2, "Inès Duval", "ines@exemple.fr"),
        (4, "Paul Adam", "paul@exemple.fr"),
    ]
    assert found.wrong == ()


def test_each_wrong_line_is_named_with_its_number():
    text = "Inès;ines@exemple.fr\nPaul;paul@\nmarc@exemple.fr\nLéa;INES@exemple.fr"
    wrong = {line.number: line.fault for line in read_lines(text).wrong}
    assert wrong == {1: LineFault.TWICE, 2: LineFault.NO_EMAIL, 3: LineFault.NO_NAME, 4: LineFault.TWICE}
    many = read_lines("\n".join(f"N{number};n{number}@exemple.fr" for number in range(101)))
    assert [line.fault for line in many.wrong] == [LineFault.TOO_MANY]


def test_all_are_opened_or_none(client: CheckedClient, store: Database):
    with store.transaction() as session:
        world = factories.world(session, filled=False)
    client.log_in(world.certifier.email, factories.PASSWORD)
    shared = {"version_id": str(world.version.id), "route": "vae", "regime": "france_vae", "scope": "whole",
              "admissible_on": "2021-11-12", "advisor_name": "Paul Adam", "advisor_email": "paul.adam@exemple.fr"}  # fmt: skip
    taken = f"Inès Duval;ines@exemple.fr\nSamia;{world.candidate.email}"
    answer = client.send("/candidatures/plusieurs", {**shared, "lines": taken})
    assert answer.status_code == 409
    assert "Ligne 2, Samia" in answer.get_data(as_text=True)
    assert client.send("/candidatures/plusieurs", {**shared, "lines": "Inès"}).status_code == 422
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(Candidacy)) == 1
    lines = "Inès Duval\tines@exemple.fr\nMarc Lefort\tmarc@exemple.fr"
    assert client.send("/candidatures/plusieurs", {**shared, "lines": lines}).status_code == 303
    text = client.page("/candidatures").text
    assert "Inès Duval" in text
    assert "Marc Lefort" in text
    with store.reader() as session:
        assert check(session).is_right
