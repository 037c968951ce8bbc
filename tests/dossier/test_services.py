"""Check what the candidate does in the draft, on both stores."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event, func, select

from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.dossier.models.dossier import Claim, CoverageReview, Dossier, Experience, Narrative
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.dossier.rules.draft import CoverageState, DossierRefusal, DossierState, GeneralText, NarrativeText
from portfolio.domain.dossier.rules.next_action import NextStep
from portfolio.domain.dossier.rules.texts import ClaimText, ExperienceText
from portfolio.domain.dossier.use_cases import claims, draft_rows, texts
from portfolio.domain.dossier.use_cases import matrix as matrix_use_cases
from portfolio.domain.dossier.use_cases import texts as texts_use_cases
from portfolio.errors import Conflict, Refusal
from portfolio.screens.candidate.dossier import competency_page
from tests import factories
from tests.factories import AT

STORY = NarrativeText("L’agence…", "J’ai…", "J’ai préféré…", "Les ventes…")
LATER = AT + timedelta(hours=1)


@pytest.fixture
def world(db):
    return factories.begin_world(db)


@pytest.fixture
def empty(db):
    return factories.begin_world(db, filled=False)


@pytest.fixture
def other(db):
    """Another candidate of the same certifying body, on the same version."""

    def make(world):
        with db.transaction() as session:
            stranger = factories.person(session, "Karim Haddad")
            candidacy = factories.candidacy(session, session.merge(world.version), stranger)
            piece = factories.evidence(session, candidacy.id)
            experience = factories.experience(session, candidacy.id)
            return candidacy.id, piece.id, experience.id

    return make


def hold(db, world, block) -> None:
    with db.transaction() as session:
        factories.held(session, world.candidacy, block.id, date(2020, 6, 18), number=f"N-{block.number}")


def seal(db, world) -> None:
    with db.transaction() as session:
        session.get_one(Dossier, world.candidacy.id).state = DossierState.SUBMITTED


def do(db, act, *args, world, at=LATER, **more):
    with db.transaction() as session:
        return act(session, world.candidacy.id, *args, by=world.candidate.id, at=at, **more)


def read(db, question, *args, **more):
    with db.reader() as session:
        return question(session, *args, **more)


def test_a_narrative_is_kept_and_saving_it_again_changes_nothing(db, empty):
    competency = empty.competencies[3]
    assert do(db, texts_use_cases.save_narrative, competency.id, STORY, 0, world=empty) == 1
    assert do(db, texts_use_cases.save_narrative, competency.id, STORY, 1, world=empty) == 1
    assert do(db, texts_use_cases.save_narrative, competency.id, NarrativeText("Ailleurs"), 1, world=empty) == 2
    with db.reader() as session:
        assert session.scalars(select(Narrative)).one().situation == "Ailleurs"
        assert [line.action for line in session.scalars(select(AuditEvent))] == ["narrative_saved", "narrative_saved"]


def test_an_empty_narrative_writes_nothing(db, empty):
    assert do(db, texts_use_cases.save_narrative, empty.competencies[0].id, NarrativeText(), 0, world=empty) == 0
    assert read(db, lambda session: session.scalar(select(func.count(Narrative.id)))) == 0


@pytest.mark.parametrize("seen", [0, 1])
def test_two_tabs_that_disagree_see_both_texts_and_nothing_is_lost(db, empty, seen):
    competency = empty.competencies[0]
    do(db, texts_use_cases.save_narrative, competency.id, STORY, 0, world=empty)
    do(db, texts_use_cases.save_narrative, competency.id, NarrativeText("Deuxième"), 1, world=empty)
    with pytest.raises(Conflict) as conflict:
        do(db, texts_use_cases.save_narrative, competency.id, NarrativeText("Autre"), seen, world=empty)
    assert (conflict.value.theirs["situation"], conflict.value.revision) == ("Deuxième", 2)


def test_the_own_texts_are_kept_with_one_revision(db, empty):
    texts = {GeneralText.CAREER: "Vingt ans.", GeneralText.MOTIVATION: "", GeneralText.CONCLUSION: ""}
    assert do(db, texts_use_cases.save_texts, texts, 1, world=empty) == 2
    with pytest.raises(Conflict):
        do(db, texts_use_cases.save_texts, {**texts, GeneralText.MOTIVATION: "Pour…"}, 1, world=empty)


def test_a_piece_is_claimed_for_several_competencies_at_once_and_a_competency_by_several_pieces(db, world):
    first, second = world.pieces[0], world.pieces[1]
    ids = [world.competencies[5].id, world.competencies[2].id]
    do(db, claims.add_claims, first.id, ids, ClaimText("4-5", "On y voit…"), world=world)
    do(db, claims.add_claims, second.id, ids[:1], ClaimText(), world=world)
    page = read(db, competency_page.find_competency_page, world.candidacy.id, ids[0])
    listed = read(db, competency_page.list_claimed_pieces, world.candidacy.id, ids[0])
    assert {claim.evidence_id for claim, _piece in listed.lines} >= {first.id, second.id}
    assert set(page.line.fact.coverage.pieces) >= {first.number, second.number}


def test_a_piece_is_claimed_once_for_a_competency(db, world):
    piece, competency = world.pieces[0], world.competencies[0]
    with pytest.raises(Refusal) as refusal:
        do(db, claims.add_claims, piece.id, [competency.id], ClaimText(), world=world)
    assert (refusal.value.code, refusal.value.facts) == (DossierRefusal.ALREADY_CLAIMED, {"competency": "1.1"})


def test_a_claim_is_changed_and_taken_back_once(db, world):
    claim = read(db, lambda session: session.scalars(select(Claim.id)).first())
    do(db, claims.change_claim, claim, ClaimText("9", "Plutôt la page 9"), 1, world=world)
    with pytest.raises(Conflict):
        do(db, claims.change_claim, claim, ClaimText("10", ""), 1, world=world)
    do(db, claims.remove_claim, claim, world=world)
    do(db, claims.remove_claim, claim, world=world)
    with pytest.raises(Refusal) as refusal:
        do(db, claims.change_claim, claim, ClaimText(), 2, world=world)
    assert refusal.value.code is DossierRefusal.REMOVED
    with db.reader() as session:
        verbs = list(session.scalars(select(AuditEvent.action).where(AuditEvent.object_id == claim)))
        assert verbs == ["claim_changed", "claim_removed"]


TEXT = ExperienceText("Cheffe de projet", "Agence du Port", date(2012, 1, 1), None, "Dix personnes", "", "Budget")


@pytest.mark.records("experience_added", "experience_changed", "experience_removed")
def test_an_experience_is_described_changed_and_taken_away_its_pieces_stay(db, world):
    added = do(db, texts.add_experience, TEXT, world=world)
    do(db, texts.change_experience, added, ExperienceText("Directrice", "Agence du Port"), 1, world=world)
    with db.transaction() as session:
        session.get_one(Evidence, world.pieces[0].id).experience_id = added
    assert read(db, texts.find_experience, world.candidacy.id, added).pieces == 1
    do(db, texts.remove_experience, added, world=world)
    do(db, texts.remove_experience, added, world=world)
    with db.reader() as session:
        assert session.get(Experience, added) is None
        assert session.get_one(Evidence, world.pieces[0].id).experience_id is None


def every_write(world, competency=None):
    """Each use case that writes in the draft, with a body that would be right."""
    competency = competency or world.competencies[0]
    return {
        "narrative": (texts_use_cases.save_narrative, competency.id, STORY, 1),
        "texts": (texts_use_cases.save_texts, {GeneralText.CAREER: "Vingt ans."}, 1),
        "claims": (claims.add_claims, world.pieces[1].id, [competency.id], ClaimText()),
        "experience": (texts.add_experience, TEXT),
        "experience changed": (texts.change_experience, uuid4(), TEXT, 1),
        "experience removed": (texts.remove_experience, uuid4()),
        "claim changed": (claims.change_claim, uuid4(), ClaimText(), 1),
        "claim removed": (claims.remove_claim, uuid4()),
    }


@pytest.mark.parametrize("name", ["narrative", "texts", "claims", "experience", "experience changed", "experience removed", "claim changed", "claim removed"])  # fmt: skip
def test_once_submitted_nothing_is_written_by_any_use_case(db, world, name):
    seal(db, world)
    with pytest.raises(Refusal) as refusal:
        do(db, *every_write(world)[name], world=world)
    assert refusal.value.code is DossierRefusal.SEALED


def test_what_a_piece_said_of_a_block_now_held_is_neither_changed_nor_taken_back(db, world):
    claim = read(
        db,
        lambda session: session.scalars(select(Claim.id).where(Claim.competency_id == world.competencies[0].id)).one(),
    )
    hold(db, world, world.version.blocks[0])
    for attempt in ((claims.change_claim, claim, ClaimText(), 1), (claims.remove_claim, claim)):
        with pytest.raises(Refusal) as refusal:
            do(db, *attempt, world=world)
        assert refusal.value.code is DossierRefusal.HELD


@pytest.mark.parametrize("name", ["narrative", "claims"])
def test_a_held_block_is_locked_and_a_foreign_competency_refused(db, world, name):
    hold(db, world, world.version.blocks[0])
    with pytest.raises(Refusal) as refusal:
        do(db, *every_write(world)[name], world=world)
    assert (refusal.value.code, refusal.value.facts) == (DossierRefusal.HELD, {"block": 1})
    with db.transaction() as session:
        foreign = factories.published_version(session, world.body.id, "RNCP2").blocks[0].competencies[0]
    with pytest.raises(Refusal) as refusal:
        do(db, *every_write(world, foreign)[name], world=world)
    assert refusal.value.code is DossierRefusal.NOT_IN_SCOPE


def test_a_block_that_was_not_asked_for_is_out_of_scope(db, world):
    with db.transaction() as session:
        candidacy = session.merge(world.candidacy)
        candidacy.blocks = [block for block in candidacy.blocks if block.number != 1]
    with pytest.raises(Refusal) as refusal:
        do(db, *every_write(world)["narrative"], world=world)
    assert refusal.value.code is DossierRefusal.NOT_IN_SCOPE


def test_what_belongs_to_another_candidate_is_refused_in_every_field(db, world, other):
    _, piece, experience = other(world)
    claim = read(db, lambda session: session.scalars(select(Claim.id)).first())
    with db.transaction() as session:
        session.get_one(Claim, claim).candidacy_id = session.get_one(Evidence, piece).candidacy_id
    attempts = [
        (claims.add_claims, piece, [world.competencies[0].id], ClaimText()),
        (texts.change_experience, experience, TEXT, 1),
        (texts.remove_experience, experience),
        (claims.change_claim, claim, ClaimText(), 1),
        (claims.remove_claim, claim),
    ]
    for attempt in attempts:
        with pytest.raises(Refusal) as refusal:
            do(db, *attempt, world=world)
        assert refusal.value.code is DossierRefusal.NOT_YOURS, attempt[0]
    assert read(db, texts.find_experience, world.candidacy.id, experience) is None


def test_the_matrix_shows_what_is_claimed_what_the_advisor_said_and_what_is_missing(db, world):
    first, second, third, fourth = world.competencies[:4]
    with db.transaction() as session:
        bases = draft_rows.load_content_digests(session, world.candidacy.id)
        for competency, value in (
            (first, Assessment.COVERED),
            (second, Assessment.PARTLY),
            (third, Assessment.NOT_COVERED),
        ):
            session.add(
                CoverageReview(
                    candidacy_id=world.candidacy.id,
                    competency_id=competency.id,
                    advisor_id=world.advisor.id,
                    value=value,
                    comment="",
                    reviewed_digest=bases[competency.id],
                    content_digest=bases[competency.id],
                    seen_versions="",
                    created_at=AT,
                )
            )
        session.delete(session.scalars(select(Claim).where(Claim.competency_id == fourth.id)).one())
    do(db, texts_use_cases.save_narrative, second.id, NarrativeText("Changé"), 1, world=world)
    matrix = read(db, matrix_use_cases.load_matrix, world.candidacy.id)
    states = [line.fact.coverage.state for line in matrix.lines()]
    assert states[:5] == [
        CoverageState.COVERED,
        CoverageState.OUTDATED,
        CoverageState.NOT_COVERED,
        CoverageState.NONE,
        CoverageState.CLAIMED,
    ]
    assert (matrix.path.candidate, matrix.path.advisor) == ("Samia Benali", "Claire Morel")


def test_a_held_block_shows_its_certificate_and_asks_for_nothing(db, world):
    hold(db, world, world.version.blocks[0])
    matrix = read(db, matrix_use_cases.load_matrix, world.candidacy.id)
    assert (matrix.blocks[0].held.number, matrix.blocks[0].lines) == ("N-1", ())
    assert len(list(matrix.lines())) == 9


def test_the_next_action_of_a_new_dossier_is_an_experience_and_names_a_competency_then(db, empty):
    assert read(db, matrix_use_cases.load_matrix, empty.candidacy.id).action.step is NextStep.DESCRIBE_EXPERIENCE
    do(db, texts.add_experience, TEXT, world=empty)
    action = read(db, matrix_use_cases.load_matrix, empty.candidacy.id).action
    assert (action.step, action.competency.label) == (NextStep.ADD_FIRST_PIECE, "1.1")


def test_the_matrix_asks_the_store_as_often_for_an_empty_dossier_as_for_a_full_one(db, world, empty):
    assert queries(db, world) == queries(db, empty) == 3


def queries(db, world) -> int:
    return asked_of(db, lambda: read(db, matrix_use_cases.load_matrix, world.candidacy.id))


def asked_of(db, act) -> int:
    """Return how many questions an act puts to the store; BEGIN is not one."""
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(not args[2].startswith("BEGIN")))
    act()
    return sum(asked)


def test_what_stands_behind_a_competency_changes_with_its_claims_pieces_and_text_and_with_nothing_else(db, world):
    competency, piece = world.competencies[0], world.pieces[0]

    def basis():
        return read(db, draft_rows.load_content_digests, world.candidacy.id)[competency.id]

    seen = [basis()]
    do(db, texts_use_cases.save_texts, {GeneralText.CAREER: "Vingt ans."}, 1, world=world)
    do(db, claims.add_claims, piece.id, [world.competencies[1].id], ClaimText(), world=world)
    assert basis() == seen[0]
    do(db, texts_use_cases.save_narrative, competency.id, STORY, 1, world=world)
    seen.append(basis())
    do(db, claims.add_claims, world.pieces[1].id, [competency.id], ClaimText(), world=world)
    seen.append(basis())
    with db.transaction() as session:
        session.get_one(Evidence, piece.id).revision += 1
    seen.append(basis())
    assert len(set(seen)) == 4


def test_the_bases_of_many_dossiers_are_read_in_two_queries(db, world, other):
    candidacy, _, _ = other(world)
    found = {}
    both = [world.candidacy.id, candidacy]
    assert asked_of(db, lambda: found.update(read(db, draft_rows.load_content_digests_by_candidacy, both))) == 1
    assert found == {world.candidacy.id: read(db, draft_rows.load_content_digests, world.candidacy.id)}


@pytest.mark.records("writing_help_used")
def test_a_help_to_write_is_remembered_once(db, world):
    with db.transaction() as session:
        for helps in (["dictation"], ["dictation", "unknown"], []):
            texts.record_helps(session, world.candidacy.id, helps, by=world.candidate.id, at=AT)
    with db.reader() as session:
        assert session.get_one(Dossier, world.candidacy.id).helps == ["dictation"]
