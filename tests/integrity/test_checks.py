"""The checks of the night: when they are due, what they write down, who is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from portfolio.domain.integrity_checks.models import IntegrityCheck
from portfolio.domain.integrity_checks.use_cases import find_last_check, list_damaged_keys, report_damage
from portfolio.files.conversion.machine import Walls
from portfolio.files.integrity.references import file_references
from portfolio.run.worker import integrity_checks
from portfolio.web.clock import now
from tests import factories
from tests.holdings.insider import insider_for_good, table
from tests.integrity.stored_files import keep_files
from tests.jury import builders

NIGHT = datetime(2026, 7, 1, 1, 10, tzinfo=UTC)


@pytest.fixture
def made(app, store) -> builders.Scene:
    """Minutes closed, every file kept."""
    made = builders.scene(store)
    keep_files(app, store)
    builders.get_ready(store, made)
    builders.deliberate(store, made)
    builders.close(store, made)
    return made


def home(app, made, path="/organisme"):
    certifier = app.test_client()
    certifier.log_in(made.certifier.email, factories.PASSWORD)
    return certifier.page(path)


def kept(store) -> list[IntegrityCheck]:
    with store.reader() as session:
        return list(session.scalars(select(IntegrityCheck).order_by(IntegrityCheck.ended_at)))


def test_the_checks_run_once_a_night_and_again_when_none_was_run_for_a_day(app, store, made):
    def at(moment):
        return replace(integrity_checks(app), clock=lambda: moment).run_when_due()

    assert at(NIGHT - timedelta(hours=10)), "none was ever run"
    assert not at(NIGHT - timedelta(hours=9))
    assert not at(NIGHT)
    assert at(NIGHT + timedelta(days=1))
    assert not at(NIGHT + timedelta(days=1, minutes=10))
    assert not at(NIGHT + timedelta(days=1, hours=20))
    assert at(NIGHT + timedelta(days=2, hours=2)), "the worker did not run at the hour of the night"
    assert [integrity_check.ok for integrity_check in kept(store)] == [True, True, True]


def test_what_the_owner_of_the_database_changed_is_told_on_the_page_of_the_certifier_and_to_whoever_watches(
    app, client, store, made
):
    assert integrity_checks(app).run().ok
    assert client.get("/healthz").json["checks"] == "clean"
    assert "différence" not in home(app, made).text
    with insider_for_good(store, "submission") as session:
        manifest = session.scalar(select(table("submission").c.manifest))
        session.execute(update(table("submission")).values(manifest=manifest.replace(b"e", b"3")))
    found = integrity_checks(app).run()
    assert (found.ledger, found.files) == (False, True)
    assert client.get("/healthz").json.items() >= {"status": "ok", "worker": "stopped", "checks": "failed"}.items()
    page = home(app, made)
    assert "Une vérification a trouvé une différence" in page.text
    assert page.all("a", href="/organisme/verifications")


def test_a_check_older_than_two_days_is_told(app, client, store, made):
    replace(integrity_checks(app), clock=lambda: now() - timedelta(days=4)).run()
    assert client.get("/healthz").json["checks"] == "late"
    assert "Les vérifications n’ont pas tourné depuis le" in home(app, made).text


def test_a_check_that_cannot_be_run_to_its_end_is_told_and_stops_no_other(app, client, store, made, monkeypatch):
    def fail(*_arguments):
        raise OSError("no answer")

    monkeypatch.setattr("portfolio.run.integrity_checks.recompute", fail)
    found = integrity_checks(app).run()
    assert (found.ledger, found.grants, found.files) == (True, None, True)
    assert "Une vérification de la nuit n’est pas allée au bout" in home(app, made).text
    assert client.get("/healthz").json["checks"] == "failed"


@pytest.mark.slow
def test_a_store_too_large_for_one_night_is_read_in_slices(app, store, made, monkeypatch):
    moments = iter(NIGHT + timedelta(hours=3 * rank) for rank in range(1000))
    checks = replace(integrity_checks(app), clock=lambda: next(moments))
    first = checks.run()
    assert first.files_until
    read = [first.files_until]
    while read[-1]:
        read.append(checks.run().files_until)
    assert read[:-1] == sorted(set(read[:-1])), "each night goes on from where the last one ended"
    with store.reader() as session:
        assert len(read) == len({reference.key for reference in file_references(session)})
        assert find_last_check(session).files


def test_a_damage_ends_and_keeps_no_file_when_no_row_names_the_file_any_more(app, store, made):
    with store.transaction() as session:
        report_damage(session, "0" * 32, at=NIGHT)
    assert integrity_checks(app).run(whole=True).files
    with store.reader() as session:
        assert "0" * 32 not in {reference.key for reference in file_references(session)}
        assert not list_damaged_keys(session)


def test_a_machine_that_does_not_isolate_what_opens_files_is_told_on_the_page_of_the_checks(app, made, monkeypatch):
    monkeypatch.setattr("portfolio.screens.certifier.home.views.walls_of_machine", Walls)
    page = home(app, made, "/organisme/verifications")
    assert "pas encore lisibles ici" in page.text
