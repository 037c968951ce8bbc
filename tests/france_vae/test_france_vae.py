"""Candidacies of France VAE open here, decisions made here are read there: once, whatever the network cuts."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, update

from demo.france_vae import KEY, SITE
from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.france_vae import client, use_cases
from portfolio.domain.france_vae.models import FranceVaeAccess, FranceVaeCandidacy, FranceVaePush
from portfolio.domain.france_vae.rules import (
    MAX_COMMENT,
    Act,
    Decision,
    FranceVaeRefusal,
    PushState,
    code_of,
    comment_of,
    hours_of,
    proposed_of,
    result_of,
)
from portfolio.domain.holdings.rules.completion import Label, Result, ResultOf
from portfolio.errors import Refusal
from portfolio.web.clock import now
from portfolio.wording.france_vae import NOT_READ, push_message
from tests import factories
from tests.france_vae.double import BASE, CutLine, Double
from tests.jury import builders
from tests.notification.builders import decided, speak, tell

SETTINGS: Any = SimpleNamespace(france_vae_url=BASE, secret_key="test", address="https://acquis.exemple.fr")
THERE = uuid4()


class Clock:
    """A moment that the test moves."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Double:
    made = Double()
    monkeypatch.setitem(client.ADAPTERS, SITE, CutLine(made))
    return made


def _begin(db: Database, body_id: UUID, by: UUID, clock: Clock) -> None:
    with db.transaction() as session:
        use_cases.set_key(session, body_id, KEY, by=by, installation="test", at=clock())


def _read(db: Database, clock: Clock) -> None:
    while task := use_cases.claim_reading(db, SETTINGS, clock):
        task()


def _send(db: Database, clock: Clock) -> FranceVaePush:
    """Send until the last thing asked has an end; time passes between the tries."""
    for _ in range(10):
        while task := use_cases.claim_push(db, SETTINGS, clock):
            task()
        with db.reader() as session:
            push = session.scalars(select(FranceVaePush).order_by(FranceVaePush.asked_at.desc())).first()
            assert push
            if push.state is not PushState.QUEUED:
                return push
            clock.at = max(clock.at, push.next_at)
    raise AssertionError("it waits for ever")


def _empty_body(db: Database) -> tuple[UUID, UUID]:
    with db.transaction() as session:
        body = factories.body(session)
        version = factories.published_version(session, body.id)
        assert version.certification.code == "RNCP16959"
        return body.id, factories.certifier(session, body.id).id


def _link(db: Database) -> FranceVaeCandidacy:
    with db.reader() as session:
        return session.scalars(select(FranceVaeCandidacy)).one()


def test_a_candidacy_is_read_opened_here_and_admissible_there(db: Database, double: Double):
    body_id, by = _empty_body(db)
    double.add(THERE)
    clock = Clock(now())
    _begin(db, body_id, by, clock)
    _read(db, clock)
    clock.at += timedelta(minutes=15)
    _read(db, clock)  # the second reading finds the same one
    link = _link(db)
    assert (link.code, link.name, link.email) == ("RNCP16959", "Inès Duval", "ines@exemple.fr")
    assert link.postal_address == "1 rue Neuve\n33000 Bordeaux"
    with db.transaction() as session:
        row = session.get_one(FranceVaeCandidacy, link.id)
        use_cases.take(session, row, row.name, row.email, (), date(2021, 3, 1), by=by, at=clock())
        with pytest.raises(Refusal) as refused:
            use_cases.take(session, row, "a", "a@exemple.fr", (), date(2021, 3, 1), by=by, at=clock())
        assert refused.value.code is FranceVaeRefusal.TAKEN
    assert _send(db, clock).state is PushState.CONFIRMED
    assert double.mailed == [(str(THERE), "RECEVABLE")]
    with db.reader() as session:
        opened = session.scalars(select(Candidacy)).one()
        assert (opened.candidate.email, opened.postal_address) == ("ines@exemple.fr", "1 rue Neuve\n33000 Bordeaux")
    # Nothing personal stays beside the candidacy.
    assert (_link(db).name, _link(db).email, _link(db).postal_address) == ("", "", "")
    assert double.faults == []


@pytest.mark.parametrize("rank", range(5))
def test_a_reading_that_is_cut_goes_on_at_the_next(db: Database, double: Double, rank: int):
    body_id, by = _empty_body(db)
    several = [uuid4() for _ in range(2)]
    for there in several:
        double.add(there)
    double.cuts = dict.fromkeys(range(rank, rank + 3), "before")
    clock = Clock(now())
    _begin(db, body_id, by, clock)
    _read(db, clock)
    with db.reader() as session:
        assert session.scalars(select(FranceVaeAccess.fault)).one() == "away"
    clock.at += timedelta(minutes=15)
    _read(db, clock)
    with db.reader() as session:
        assert sorted(session.scalars(select(FranceVaeCandidacy.there))) == sorted(several)
        assert session.scalars(select(FranceVaeAccess.fault)).one() == ""


# The calls of one sending: read, send, read. A read is tried three times by itself.
CUTS: Mapping[str, dict[int, str]] = {
    "none": {},
    "the first read": dict.fromkeys(range(3), "before"),
    "the sending, before it arrives": {1: "before"},
    "the sending, once it arrived": {1: "after"},
    "the last read": dict.fromkeys(range(2, 5), "after"),
}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(
    ("act", "decision"),
    [
        (Act.FEASIBILITY, Decision.INCOMPLETE),
        (Act.FEASIBILITY, Decision.FLAGGED),
        (Act.SESSION, None),
        (Act.RESULT, None),
    ],
)
def test_whatever_is_cut_it_arrives_once(
    store: Database, double: Double, act: Act, decision: Decision | None, cut: str
):
    clock, made = _planned(store, double)
    if act is Act.RESULT:
        double.files[str(THERE)]["session"] = {"date": builders.DAY.isoformat(), "heure": "14:30"}
        builders.close(store, made)
        speak(store, made)
        tell(store, made)
        clock.at = builders.ON_THE_DAY + timedelta(days=1)
        double.today = clock.at.date
    said = {"decision": decision, "comment": "La pièce est illisible."} if decision else {}
    with store.transaction() as session:
        link = session.scalars(select(FranceVaeCandidacy)).one()
        use_cases.order_push(session, link, act, by=made.certifier.id, at=clock(), **said)
        with pytest.raises(Refusal) as refused:
            use_cases.order_push(session, link, act, by=made.certifier.id, at=clock(), **said)
        assert refused.value.code is FranceVaeRefusal.QUEUED
    double.cuts = {rank + len(double.calls): kind for rank, kind in CUTS[cut].items()}
    push = _send(store, clock)
    assert (push.state, len(double.mailed)) == (PushState.CONFIRMED, 1)
    held = double.files[str(THERE)]
    if act is Act.SESSION:
        assert held["session"]["date"] == builders.DAY.isoformat()
    if act is Act.RESULT:
        assert held["resultat"]["resultat"] == "SUCCES_PARTIEL_CERTIFICATION_COMPLETE"
        assert "Blocs acquis\u00a0: RNCP16959BC01" in held["resultat"]["commentaire"]
        assert "non acquis\u00a0: RNCP16959BC02" in held["resultat"]["commentaire"]
    assert double.faults == []


def _planned(store: Database, double: Double) -> tuple[Clock, builders.Scene]:
    """A candidacy with its day before the jury, known at France VAE."""
    made = builders.scene(store, refused=(2,))
    clock = Clock(builders.SEALED_AT)
    sent_on = clock.at.date() - timedelta(days=30)
    double.add(THERE, sent_on=sent_on)
    sent = {"candidatureId": str(THERE), "dateEnvoi": f"{sent_on}T10:00:00Z", "statut": "EN_ATTENTE"}
    double.files[str(THERE)]["validation"] = sent
    double.today = clock.at.date
    _begin(store, made.body_id, made.certifier.id, clock)
    _read(store, clock)
    with store.transaction() as session:
        session.execute(update(FranceVaeCandidacy).values(candidacy_id=made.candidacy_id))
    return clock, made


@pytest.mark.records("france_vae_asked", "france_vae_done_there", "france_vae_key_set", "france_vae_sent")
def test_a_refusal_is_shown_as_it_is_and_closed_by_hand(store: Database, double: Double):
    clock, made = _planned(store, double)
    double.files[str(THERE)]["validation"] = None
    with store.transaction() as session:
        link = session.scalars(select(FranceVaeCandidacy)).one()
        use_cases.order_push(session, link, Act.SESSION, by=made.certifier.id, at=clock())
        with pytest.raises(Refusal) as refused:
            use_cases.order_push(session, link, Act.RESULT, by=made.certifier.id, at=clock())
        assert refused.value.code is FranceVaeRefusal.NOT_NOTIFIED
    push = _send(store, clock)
    assert push_message(push) == "Le dossier de validation n'a pas été envoyé"
    with store.transaction() as session:
        assert [each.act for each in use_cases.list_waiting(session, made.body_id)[1]] == [Act.SESSION]
        use_cases.close_push(session, session.get_one(FranceVaePush, push.id), by=made.certifier.id, at=clock())
        assert use_cases.list_waiting(session, made.body_id) == ([], [])
    assert double.mailed == []


def test_a_result_that_is_there_already_is_not_sent_over(store: Database, double: Double):
    made = decided(store)
    speak(store, made)
    tell(store, made)
    clock = Clock(builders.ON_THE_DAY + timedelta(days=1))
    double.add(THERE)
    _begin(store, made.body_id, made.certifier.id, clock)
    _read(store, clock)
    double.files[str(THERE)]["resultat"] = {"resultat": "ECHEC", "commentaire": "", "dateEnvoi": "2027-01-01"}
    with store.transaction() as session:
        link = session.scalars(select(FranceVaeCandidacy)).one()
        link.candidacy_id = made.candidacy_id
        session.flush()
        use_cases.order_push(session, link, Act.RESULT, by=made.certifier.id, at=clock())
    push = _send(store, clock)
    assert (push.state, "ECHEC" in push_message(push), double.mailed) == (PushState.DIFFERS, True, [])


def test_a_key_that_is_refused_stops_the_reading_and_loses_nothing(db: Database, double: Double):
    body_id, by = _empty_body(db)
    double.add(THERE)
    clock = Clock(now())
    with db.transaction() as session:
        use_cases.set_key(session, body_id, "autre", by=by, installation="test", at=clock())
    _read(db, clock)
    with db.reader() as session:
        access = session.scalars(select(FranceVaeAccess)).one()
        assert (access.fault, access.read_at, b"autre" in access.secret) == ("key", None, False)
    _begin(db, body_id, by, clock)  # replaced without a restart
    _read(db, clock)
    assert _link(db).there == THERE
    with db.transaction() as session:
        use_cases.remove_key(session, body_id, by=by, at=clock())
    calls = len(double.calls)
    clock.at += timedelta(days=1)
    _read(db, clock)
    assert len(double.calls) == calls


def test_what_france_vae_does_not_read_is_not_sent_for_ever(double: Double):
    double.add(THERE)
    caller = client.Client(BASE, KEY)
    with pytest.raises(client.RefusedError) as refused:
        caller.write("PUT", f"/candidatures/{THERE}/informationJury/resultat", {"resultat": "BRAVO"}, as_form=False)
    assert push_message(FranceVaePush(state=PushState.REFUSED, sentence=refused.value.sentence)) == NOT_READ
    assert caller.read(f"/candidatures/{THERE}/informationJury/session") is None
    with pytest.raises(client.RefusedError, match="Candidature non trouvée"):
        caller.read(f"/candidatures/{uuid4()}")


def test_a_long_list_is_read_to_its_end(double: Double):
    several = [uuid4() for _ in range(205)]
    for there in several:
        double.add(there)
    found = client.Client(BASE, KEY).pages("/dossiersDeFaisabilite", statut="EN_ATTENTE")
    assert [each["candidatureId"] for each in found] == [str(there) for there in several]


@pytest.mark.parametrize(
    ("label", "of", "told"),
    [
        (Label.FULL, ResultOf.WHOLE, "SUCCES_TOTAL_CERTIFICATION_COMPLETE"),
        (Label.FULL, ResultOf.REQUESTED, "SUCCES_TOTAL_CERTIFICATION_PARTIELLE"),
        (Label.PARTIAL, ResultOf.WHOLE, "SUCCES_PARTIEL_CERTIFICATION_COMPLETE"),
        (Label.PARTIAL, ResultOf.REQUESTED, "SUCCES_PARTIEL_CERTIFICATION_PARTIELLE"),
        (Label.NONE, ResultOf.WHOLE, "ECHEC"),
        (Label.ABSENT, ResultOf.REQUESTED, "CANDIDAT_ABSENT"),
        (Label.EXCUSED, ResultOf.WHOLE, "CANDIDAT_EXCUSE"),
    ],
)
def test_a_result_has_one_name_there(label: Label, of: ResultOf, told: str):
    assert result_of(Result(label, of)) == told


def test_an_hour_is_sent_in_utc_and_known_again_in_both():
    assert hours_of(date(2027, 7, 1), 14 * 60 + 30) == ("12:30:00Z", frozenset({"14:30", "12:30"}))
    assert hours_of(date(2027, 1, 5), 14 * 60 + 30) == ("13:30:00Z", frozenset({"14:30", "13:30"}))
    assert hours_of(date(2027, 1, 5), None) == ("", frozenset())


def test_what_is_missing_there_is_empty_here():
    turned = proposed_of({"candidat": {"nom": "\u202eyoR", "prenom": "Zoé\u2069"}})
    assert turned.name == "Zoé yoR", "no mark turns a name around"
    found = proposed_of({"certification": {"codeRncp": "RNCP1"}, "candidat": {"nom": "Roy", "prenom": None}})
    assert (found.code, found.name, found.email, found.is_partial) == ("RNCP1", "Roy", "", None)
    assert code_of("35830") == "RNCP35830"
    assert len(comment_of("RNCP1", range(900), (), date(2027, 1, 1), "https://a.fr")) == MAX_COMMENT


@pytest.mark.records("france_vae_key_removed")
def test_a_member_takes_a_candidacy_on_the_page(app: Flask, store: Database, double: Double):
    body_id, by = _empty_body(store)
    double.add(THERE, is_partial=True)
    double.add(uuid4(), code="1")
    clock = Clock(now())
    _begin(store, body_id, by, clock)
    _read(store, clock)
    with store.reader() as session:
        email = session.get_one(factories.Person, by).email
        links = {link.code: link.id for link in session.scalars(select(FranceVaeCandidacy))}
    browser = app.test_client()
    browser.log_in(email, factories.PASSWORD)
    home = "/organisme/france-vae"
    assert "Inès Duval" in browser.get(home).text
    told = browser.get("/", follow_redirects=True).text
    assert "Répondez à 2\u00a0candidatures de France VAE" in told
    page = f"{home}/{links['RNCP16959']}"
    asked = {"name": "Inès Duval", "email": "ines@exemple.fr", "admissible_on": "2021-03-01"}
    partial = browser.send(page, asked)
    assert (partial.status_code, "Cochez ses blocs" in partial.text) == (409, True)
    late = {**asked, "block_ids": "2", "admissible_on": now().date().isoformat()}
    assert "Motif pour ouvrir malgré l’expiration" not in partial.text
    expired = browser.send(page, late)
    assert (expired.status_code, "Motif pour ouvrir malgré l’expiration" in expired.text) == (409, True)
    assert browser.send(page, {**late, "expiry_override": "Demande d’avant son terme."}).status_code == 303
    assert "part bientôt" in browser.get(page).text
    assert browser.send(f"{page}/envoyer/session", form=page).status_code == 409
    check = f"{page}/dossier-de-validation"
    assert "Dossier de validation" not in browser.get(page).text
    sent = {"candidatureId": str(THERE), "dateEnvoi": "2026-11-20T10:00:00Z", "statut": "EN_ATTENTE"}
    double.files[str(THERE)]["validation"] = sent
    clock.at += timedelta(minutes=15)
    _read(store, clock)
    flagged = browser.send(check, {"decision": "SIGNALE"}, form=page)
    assert (flagged.status_code, "Écrivez le motif" in flagged.text) == (409, True)
    assert browser.send(check, {"decision": "SIGNALE", "comment": "Illisible."}, form=page).status_code == 303
    assert "À reprendre : Illisible." in browser.get(page).text
    assert "n’est publiée ici" in browser.get(f"{home}/{links['RNCP1']}").text
    given = {"secret": "x.y.z", "password": factories.PASSWORD}
    without = browser.send(home, given)
    assert (without.status_code, "double authentification" in without.text) == (409, True)
    assert browser.send(f"{home}/retirer", form=home).status_code == 303
    assert "x.y.z" not in browser.get(home).text
