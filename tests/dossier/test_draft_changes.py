"""A request shows what was saved just before it, whatever earlier ones keep of the draft."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from benchmarks.measure import count_queries
from portfolio.db.engine import read_session
from portfolio.domain.dossier.models.dossier import Claim, Experience
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.description import CoverNote
from portfolio.domain.dossier.rules.texts import ClaimText
from portfolio.domain.dossier.use_cases import claims, evidence, texts
from portfolio.domain.dossier.use_cases.matrix import load_matrix
from portfolio.files.file_types.types import FileType
from portfolio.screens.candidate.submission.draft_reading import notice
from portfolio.screens.candidate.submission.queries import ChecklistPageData, load_checklist_page
from tests import factories
from tests.dossier.test_citations import file, made

LATER = factories.AT + timedelta(minutes=5)


class Draft:
    """The draft of a world, and what a person does with its first piece."""

    def __init__(self, session, world):
        self.session, self.candidacy_id, self.piece_id = session, world.candidacy.id, world.pieces[0].id
        self.by = {"by": world.candidate.id, "at": LATER}
        self.own = session, self.candidacy_id
        self.piece = session.get_one(Evidence, self.piece_id)
        self.claim = session.scalars(select(Claim).where(Claim.evidence_id == self.piece_id)).first()
        self.free = world.competencies[-1].id

    def replace_file(self):
        evidence.replace_file(*self.own, self.piece_id, file(2), **self.by)

    def convert(self):
        evidence.replace_file(*self.own, self.piece_id, file(None, FileType.DOCX), **self.by)
        self.session.flush()
        made(self.session, self.piece_id, (1, None))

    def name_another_page(self):
        text = ClaimText("page 12", "On y voit mes choix.")
        claims.change_claim(*self.own, self.claim.id, text, self.claim.revision, **self.by)

    def say_an_experience(self):
        self.piece.experience_id = self.session.scalars(select(Experience.id)).first()
        self.piece.revision += 1


ACTS = {
    "describe": lambda draft: evidence.describe_evidence(
        *draft.own, draft.piece_id, CoverNote("Un titre", own_role=""), draft.piece.revision, **draft.by
    ),
    "leave out": lambda draft: evidence.leave_out(*draft.own, draft.piece_id, left_out=True, **draft.by),
    "join": lambda draft: evidence.leave_out(*draft.own, draft.piece_id, left_out=False, **draft.by),
    "add": lambda draft: evidence.add_evidence(*draft.own, [file()], **draft.by),
    "replace": Draft.replace_file,
    "convert": Draft.convert,
    "say another passage": Draft.name_another_page,
    "claim": lambda draft: claims.add_claims(
        *draft.own, draft.piece_id, [draft.free], ClaimText("page 1", ""), **draft.by
    ),
    "remove a claim": lambda draft: claims.remove_claim(*draft.own, draft.claim.id, **draft.by),
    "remove": lambda draft: evidence.remove_evidence(*draft.own, draft.piece_id, **draft.by),
    "restore": lambda draft: texts.restore_evidence(*draft.own, draft.piece_id, **draft.by),
    "say an experience": Draft.say_an_experience,
    "remove its experience": lambda draft: texts.remove_experience(*draft.own, draft.piece.experience_id, **draft.by),
}
BEFORE = {"join": "leave out", "restore": "remove", "remove its experience": "say an experience"}


def shown(session, candidacy_id) -> tuple[ChecklistPageData, object, object]:
    page = load_checklist_page(session, candidacy_id)
    return page, notice(session, page), load_matrix(session, candidacy_id)


def requested(app: Flask, candidacy_id):
    with app.app_context():
        return shown(read_session(), candidacy_id)


@pytest.mark.records("evidence_joined")
def test_a_piece_left_out_joins_the_deposit_again(app, store):
    with store.transaction() as session:
        world = factories.world(session)
    for act, words in (("leave out", True), ("join", False)):
        with store.transaction() as session:
            ACTS[act](Draft(session, world))
        with store.reader() as session:
            piece = session.get_one(Evidence, Draft(session, world).piece_id)
            assert bool(piece.is_left_out) is words


@pytest.mark.parametrize("act", ACTS)
def test_what_requests_keep_of_a_draft_follows_each_act_on_it(app, store, act):
    with store.transaction() as session:
        world = factories.world(session)
    if act in BEFORE:
        with store.transaction() as session:
            ACTS[BEFORE[act]](Draft(session, world))
    before = requested(app, world.candidacy.id)
    with store.transaction() as session:
        ACTS[act](Draft(session, world))
    after = requested(app, world.candidacy.id)
    with store.reader() as session:
        assert after == shown(session, world.candidacy.id)
    assert after != before
    assert requested(app, world.candidacy.id) == after


def test_a_page_shown_again_reads_less(app, store):
    with store.transaction() as session:
        world = factories.world(session)
    first, again = (count_queries(store.engine, lambda: requested(app, world.candidacy.id)) for _ in range(2))
    assert again < first
