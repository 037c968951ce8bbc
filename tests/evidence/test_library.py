"""The list of pieces: twenty at a time, filtered, changed several at once, and what was removed comes back."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from sqlalchemy import event, select

from portfolio.domain.dossier.models.dossier import Claim
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.description import (
    Anonymity,
    Authorship,
    Confidentiality,
    EvidenceKind,
    EvidenceRefusal,
    LibraryOrder,
    LibraryState,
    MissingFact,
    guessed_answers,
    missing_facts,
)
from portfolio.domain.dossier.rules.draft import CoverageState
from portfolio.domain.dossier.use_cases import evidence as evidence_use_cases
from portfolio.domain.dossier.use_cases.evidence import (
    SeveralAction,
    SeveralChange,
    answer_for_several,
    change_several,
    purge_removed,
)
from portfolio.domain.dossier.use_cases.matrix import load_matrix
from portfolio.domain.dossier.use_cases.texts import restore_evidence
from portfolio.domain.submission.use_cases.build_manifest import load_draft_rows
from portfolio.errors import Refusal
from portfolio.screens.candidate.evidence.library import LibraryView, is_incomplete, load_library
from tests import factories
from tests.factories import AT


@pytest.fixture
def made(db):
    return factories.begin_world(db)


def numbers(db, made, **view):
    with db.reader() as session:
        return [line.view.number for line in load_library(session, made.candidacy.id, LibraryView(**view)).lines]


def test_the_filters_keep_the_pieces_that_they_name(db, made):
    with db.transaction() as session:
        first, second, third = (session.get_one(Evidence, made.pieces[n].id) for n in (0, 1, 2))
        first.kind, first.dated_from, first.dated_to = (EvidenceKind.BUDGET, date(2021, 11, 1), date(2022, 2, 1))
        second.is_left_out = True
        third.own_role = ""
        experience = factories.experience(session, made.candidacy.id)
        third.experience_id = experience.id
        unused = factories.evidence(session, made.candidacy.id, 99, "Annexe")
        unused.experience_id = experience.id
    assert numbers(db, made, kind=EvidenceKind.BUDGET) == [1]
    assert numbers(db, made, year=2022) == [1]
    assert numbers(db, made, state=LibraryState.LEFT_OUT) == [2]
    assert numbers(db, made, state=LibraryState.UNUSED) == [99]
    assert numbers(db, made, experience_id=experience.id) == [3, 99]
    assert numbers(db, made, experience_id=experience.id, state=LibraryState.INCOMPLETE) == [3]
    assert numbers(db, made, block=2) == [3, 4, 5]
    assert numbers(db, made, order=LibraryOrder.NEWEST)[0] == 99
    assert numbers(db, made, order=LibraryOrder.TITLE)[0] == 99
    assert numbers(db, made, order=LibraryOrder.DATE)[0] == 1


def test_to_complete_says_of_each_piece_what_the_rule_says(db, made):
    with db.transaction() as session:
        [experience] = {factories.experience(session, made.candidacy.id).id}
        facts = product(
            (None, EvidenceKind.BUDGET, EvidenceKind.WEB_ADDRESS, EvidenceKind.TRAINING_CERTIFICATE),
            (None, experience),
            ("", "Je l’ai fait."),
            (Authorship.SHARED, Authorship.MINE),
            (Anonymity.NOT_YET, Anonymity.DONE),
            ("", "https://exemple.fr"),
        )
        for number, (kind, place, role, authorship, anonymity, url) in enumerate(facts, 100):
            piece = factories.evidence(session, made.candidacy.id, number)
            piece.kind, piece.experience_id, piece.own_role, piece.authorship = kind, place, role, authorship
            piece.anonymity, piece.web_address, piece.confidentiality = anonymity, url, Confidentiality.OPEN
            piece.captured_on = date(2024, 1, 1) if url else None
    with db.reader() as session:
        found = set(session.scalars(select(Evidence.number).where(is_incomplete())))
        pieces = session.scalars(select(Evidence)).all()
        assert found == {piece.number for piece in pieces if missing_facts(piece.to_value())}


def test_a_thousand_pieces_ask_as_many_queries_as_ten_and_show_twenty(db, made):
    def asked():
        seen = []
        hear = lambda *said: seen.append(said[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", hear)
        with db.reader() as session:
            page = load_library(session, made.candidacy.id, LibraryView())
        event.remove(db.engine, "before_cursor_execute", hear)
        return len(seen), page

    before, _ = asked()
    with db.transaction() as session:
        for number in range(100, 250):
            factories.evidence(session, made.candidacy.id, number)
    after, page = asked()
    assert after == before
    assert len(page.lines) == 20
    assert (page.count, page.last_page) == (161, 9)
    assert numbers(db, made, page=9) == [249]
    assert numbers(db, made, page=99) == [249]


def test_a_piece_left_out_is_not_in_the_deposit_and_proves_nothing_there(db, made):
    piece = made.pieces[0]
    with db.transaction() as session:
        change = SeveralChange(SeveralAction.LEAVE_OUT)
        assert change_several(session, made.candidacy.id, [piece.id], change, by=made.candidate.id, at=AT).changed == 1
    with db.reader() as session:
        rows = load_draft_rows(session, made.candidacy.id)
        assert piece.id not in {found.id for found, _ in rows.pieces}
        assert piece.id not in {claim.evidence_id for claim in rows.claims}
        first = next(load_matrix(session, made.candidacy.id).lines())
        assert first.fact.coverage.state is CoverageState.NONE
    with db.transaction() as session:
        change_several(
            session, made.candidacy.id, [piece.id], SeveralChange(SeveralAction.JOIN), by=made.candidate.id, at=AT
        )
    with db.reader() as session:
        assert piece.id in {found.id for found, _ in load_draft_rows(session, made.candidacy.id).pieces}


@pytest.mark.records("evidence_described")
def test_several_pieces_change_and_those_of_others_do_not(db, made):
    with db.transaction() as session:
        other = factories.candidacy(session, session.merge(made.version), factories.person(session, "Inès Autre"))
        foreign = factories.evidence(session, other.id)
        change = SeveralChange(SeveralAction.KIND, kind=EvidenceKind.PHOTO)
        ids = [made.pieces[0].id, made.pieces[1].id, foreign.id]
        assert change_several(session, made.candidacy.id, ids, change, by=made.candidate.id, at=AT).changed == 2
    with db.reader() as session:
        assert session.get_one(Evidence, foreign.id).kind is EvidenceKind.DELIVERABLE
        assert session.get_one(Evidence, made.pieces[1].id).kind is EvidenceKind.PHOTO


def test_one_act_answers_for_several_pieces_and_keeps_what_was_said(db, made):
    with db.transaction() as session:
        other = factories.candidacy(session, session.merge(made.version), factories.person(session, "Inès Autre"))
        foreign = factories.evidence(session, other.id)
        silent = [factories.evidence(session, made.candidacy.id, number) for number in (101, 102)]
        for piece in (foreign, *silent):
            piece.authorship = piece.confidentiality = piece.anonymity = None
        silent[1].confidentiality = Confidentiality.RESTRICTED
        ids = [piece.id for piece in (*silent, foreign)]
    answers = [
        (ids, {MissingFact.AUTHORSHIP: Authorship.SHARED, MissingFact.OWN_PART: "Le plan."}),
        (ids, {MissingFact.CONFIDENTIALITY: Confidentiality.OPEN}),
    ]
    with db.transaction() as session:
        assert answer_for_several(session, made.candidacy.id, answers, by=made.candidate.id, at=AT).changed == 2
    with db.reader() as session:
        one, two, stranger = (session.get_one(Evidence, key) for key in ids)
        assert (one.authorship, one.own_part, one.confidentiality) == (
            Authorship.SHARED,
            "Le plan.",
            Confidentiality.OPEN,
        )
        assert two.confidentiality is Confidentiality.RESTRICTED
        assert stranger.authorship is None


def test_ten_silent_pieces_are_asked_each_question_once(client, store):
    with store.transaction() as session:
        world = factories.world(session)
        titles = ["Attestation de mon directeur", *(f"Photo {number}" for number in range(9))]
        for number, title in enumerate(titles, 200):
            piece = factories.evidence(session, world.candidacy.id, number, title)
            piece.authorship = piece.confidentiality = piece.anonymity = None
    client.log_in(world.candidate.email, factories.PASSWORD)
    base = f"/dossiers/{world.candidacy.id}"
    deposit = client.page(f"{base}/depot").text.replace("\u00a0", " ")
    assert "Répondez pour plusieurs pièces à la fois" in deposit
    assert "10 pièces : qui a fait ce travail ?" in deposit
    page = client.page(f"{base}/preuves/repondre")
    text = page.text.replace("\u00a0", " ")
    assert "9 pièces : qui a fait ce travail ?" in text
    assert "1 pièce : qui a fait ce travail ?" in text
    assert "Réponse devinée d’après le titre" in text
    fields = {"csrf_token": page.hidden("csrf_token")}
    refused = client.post(f"{base}/preuves/repondre", data=fields)
    assert refused.status_code == 422
    sent = fields | {
        name: [str(key) for key in session_ids(store, world, titles)]
        for name in ("authorship-sans-pieces", "confidentiality-sans-pieces", "anonymity-sans-pieces")
    }
    sent |= {"authorship-sans-answer": "mine", "confidentiality-sans-answer": "open"}
    sent |= {"anonymity-sans-answer": "not_needed"}
    done = client.post(f"{base}/preuves/repondre", data=sent)
    assert done.status_code == 303
    assert "suite=1" in done.headers["Location"]
    assert "pour 10 pièces" in client.page(done.headers["Location"]).text.replace("\u00a0", " ")


def session_ids(store, world, titles):
    with store.reader() as session:
        return session.scalars(select(Evidence.id).where(Evidence.title.in_(titles))).all()


@pytest.mark.parametrize(
    ("title", "text", "guessed"),
    [
        ("Fiche de paie mars", "", {MissingFact.AUTHORSHIP: "other"}),
        ("Plan", "Document confidentiel", {MissingFact.CONFIDENTIALITY: "restricted"}),
        ("Plan", "Écrire à Mme Durand", {MissingFact.ANONYMITY: "not_yet"}),
        ("Plan", "Un plan de communication, certifié par nous.", {}),
    ],
)
def test_facts_propose_an_answer_and_nothing_more(title, text, guessed):
    assert guessed_answers(title, None, "application/pdf", text) == guessed
    masked = guessed_answers(title, None, "application/pdf", text, is_masked=True)
    assert masked[MissingFact.ANONYMITY] == "done"


@pytest.mark.records("evidence_restored")
def test_a_removed_piece_comes_back_with_what_it_showed(db, made):
    piece = made.pieces[0]
    with db.reader() as session:
        before = [
            (c.id, c.passage, c.comment, c.revision)
            for c in session.scalars(select(Claim).where(Claim.evidence_id == piece.id))
        ]
    with db.transaction() as session:
        evidence_use_cases.remove_evidence(session, made.candidacy.id, piece.id, by=made.candidate.id, at=AT)
    assert 1 not in numbers(db, made)
    for _twice in range(2):
        with db.transaction() as session:
            assert restore_evidence(session, made.candidacy.id, piece.id, by=made.candidate.id, at=AT) == 0
    with db.reader() as session:
        after = [
            (c.id, c.passage, c.comment, c.revision)
            for c in session.scalars(select(Claim).where(Claim.evidence_id == piece.id))
        ]
    assert after == before
    assert 1 in numbers(db, made)


def test_an_erased_piece_does_not_come_back_and_its_comments_are_gone(db, made):
    piece = made.pieces[0]
    with db.transaction() as session:
        evidence_use_cases.remove_evidence(session, made.candidacy.id, piece.id, by=made.candidate.id, at=AT)
    with db.transaction() as session:
        purge_removed(session, at=AT + timedelta(days=30))
    with db.transaction() as session, pytest.raises(Refusal) as refused:
        restore_evidence(session, made.candidacy.id, piece.id, by=made.candidate.id, at=AT)
    assert refused.value.code is EvidenceRefusal.ERASED


def test_the_address_of_a_list_keeps_its_filters_and_goes_back_to_the_first_page():
    view = LibraryView(block=2, order=LibraryOrder.TITLE, page=3)
    assert view.arguments(kind=EvidenceKind.PHOTO) == {"bloc": "2", "nature": "photo", "tri": "titre"}
    assert view.arguments(page=4) == {"bloc": "2", "tri": "titre", "page": "4"}
    assert replace(view, block=None).is_filtered is False


@pytest.mark.records("evidence_left_out")
def test_the_pages_of_the_library(client, store):
    with store.transaction() as session:
        world = factories.world(session)
        for number in range(100, 160):
            factories.evidence(session, world.candidacy.id, number)
    client.log_in(world.candidate.email, factories.PASSWORD)
    base = f"/dossiers/{world.candidacy.id}/preuves"
    assert "Page 1 sur 4" in client.page(base).text
    assert "11 pièces correspondent sur 71" not in client.page(f"{base}?bloc=2").text
    for odd in (
        "?bloc=x&annee=9&nature=rien&etat=&tri=zz&page=-1",
        "?experience=1",
        "?page=99999999999",
        "?annee=99999",
    ):
        assert client.get(base + odd).status_code == 200
    token = client.page(base).hidden("csrf_token")
    sent = client.post(f"{base}/plusieurs", data={"csrf_token": token, "action": "remove"})
    assert sent.status_code == 422
    assert "Cochez au moins une pièce" in sent.text
    ids = [str(piece.id) for piece in world.pieces[:2]]
    sent = client.post(f"{base}/plusieurs?tri=titre", data={"csrf_token": token, "action": "remove", "pieces": ids})
    assert sent.status_code == 303
    assert "tri=titre" in sent.headers["Location"]
    assert "2 pièces sont retirées" in client.page(base).text
    assert "Pièces retirées (2)" in client.page(base).text
    page = client.page(f"{base}/retirees")
    assert "Remettre la pièce 1" in page.text
    assert client.post(f"{base}/{ids[0]}/remettre", data={"csrf_token": token}).status_code == 303
    assert "ne sera pas jointe" not in client.page(f"{base}/{ids[0]}").text
    assert client.post(f"{base}/{ids[0]}/joindre", data={"csrf_token": token, "joindre": "non"}).status_code == 303
    assert "n’est pas jointe au dépôt" in client.page(f"{base}/{ids[0]}").text
