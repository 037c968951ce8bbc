"""The figures of a body: counts that the rows give, filtered, without a name, and a CSV that computes nothing."""

import csv
import io
import json

from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.status_changes import StatusChange, StatusChangeKind
from portfolio.domain.holdings.use_cases.status_changes import change_status
from portfolio.web.clock import now, today
from tests.jury.builders import close, deliberate
from tests.jury.pages import as_certifier, staged
from tests.page import CheckedClient


def rows_of(answer) -> dict[tuple[str, str, str], str]:
    assert answer.status_code == 200
    found = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";")
    return {(theme, subject, measure): number for theme, subject, measure, number in found}


def test_the_page_and_the_csv_count_what_the_minutes_say(client: CheckedClient, store: Database):
    made = staged(store)
    deliberate(store, made, refused=(2,))
    close(store, made, at=now())
    as_certifier(client, made)
    page = client.page("/organisme/chiffres")
    assert made.candidate.name not in page.text
    assert "trop peu de dossiers pour le dire" in page.text
    rows = rows_of(client.get("/organisme/chiffres.csv"))
    assert rows["Jurys", "Auditions", "Personnes entendues"] == "1"
    assert rows["Parcours", "Candidatures", "Certification entière obtenue"] == "0"
    granted = {subject: number for (theme, subject, measure), number in rows.items() if measure == "Accordés"}
    assert sorted(granted.values()) == ["0", "1", "1", "1"]
    assert rows["Renouvellement", str(today().year), "Blocs accordés par un jury"] == "3"
    elsewhere = rows_of(client.get(f"/organisme/chiffres.csv?session={made.session_id}&annee=2001"))
    assert elsewhere["Jurys", "Auditions", "Personnes entendues"] == "1"


def test_a_body_without_a_jury_reads_that_nothing_is_counted_yet(client: CheckedClient, store: Database):
    made = staged(store, heard=False)
    as_certifier(client, made)
    assert rows_of(client.get("/organisme/chiffres.csv"))["Jurys", "Auditions", "Personnes entendues"] == "0"
    assert "Parcours des candidatures" in client.page("/organisme/chiffres").text


def test_the_command_tells_the_figures_of_each_body_without_a_small_number(client: CheckedClient, store: Database):
    made = staged(store)
    answer = client.application.test_cli_runner().invoke(args=["figures", "--json"])
    assert answer.exit_code == 0
    told = json.loads(answer.output)
    (body,) = told["bodies"]
    assert told["hidden_under"] == 5
    assert body["total"]["counts"] == dict.fromkeys(body["total"]["counts"])
    assert made.candidate.name not in answer.output


def figures(client: CheckedClient, measure: str) -> set[str]:
    rows = rows_of(client.get("/organisme/chiffres.csv"))
    return {number for (_theme, _subject, counted), number in rows.items() if counted == measure}


def test_what_is_suspended_is_counted_neither_by_block_nor_by_competency(client: CheckedClient, store: Database):
    made = staged(store)
    deliberate(store, made)
    close(store, made, at=now())
    as_certifier(client, made)
    assert "1" in figures(client, "Acquise")
    with store.transaction() as session:
        act = StatusChange(StatusChangeKind.SUSPENSION, "Un lien à vérifier.", today())
        grant = session.scalars(select(Grant)).first()
        change_status(session, grant.id, act, by=made.certifier.id, at=now())
    for measure in ("Présentés", "Accordés", "Acquise"):
        assert not figures(client, measure) - {"0"}
