"""An entry is imported, corrected, published; what is published never changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portfolio.db.engine import Database
from portfolio.domain.admissibility.use_cases.opening import open_candidacy
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import CandidacyRefusal, NewCandidacy, PersonInput, Scope
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry, Route
from portfolio.domain.certification.rules.entry_schema import MalformedEntry, entry_as_json, entry_from_json
from portfolio.domain.certification.rules.jury_rule import DecisionRule, Seat
from portfolio.domain.certification.rules.publication import PublicationErrorCode
from portfolio.domain.certification.rules.versioning import CertificationRefusal, Correction, ImportOutcome, doubt_key
from portfolio.domain.certification.use_cases.drafting import correct_draft, discard_draft, open_correction
from portfolio.domain.certification.use_cases.importing import import_entry
from portfolio.domain.certification.use_cases.jury_rules import jury_rule_of
from portfolio.domain.certification.use_cases.publishing import name_successor
from portfolio.errors import Conflict, Refusal
from portfolio.screens.certifier.certifications.queries import find_draft, find_version_page
from portfolio.screens.certifier.certifications.views import load_certifications_page
from tests import factories
from tests.certification.answered import publish

AT = factories.AT
WORDING = Doubt("blocks.3.competencies.2", DoubtCode.OTHER_WORDING, ("Définir une stratégie",))
COLUMNS = Doubt("routes", DoubtCode.ROUTES_COLUMNS_LOST)


def the_entry(**changes: object) -> Entry:
    """Return the entry of the factories, with two doubts."""
    return replace(entry_from_json(factories.entry()), doubts=(WORDING, COLUMNS), **changes)


@pytest.fixture
def body_id(db: Database) -> UUID:
    with db.transaction() as session:
        return factories.body(session).id


@pytest.fixture
def by(db: Database, body_id: UUID) -> UUID:
    with db.transaction() as session:
        return factories.certifier(session, body_id).id


def imported(db: Database, body_id: UUID, entry: Entry | None = None) -> UUID:
    with db.transaction() as session:
        return import_entry(session, body_id, entry or the_entry(), by=None, at=AT).version.id


def published(db: Database, body_id: UUID, entry: Entry | None = None) -> UUID:
    version_id = imported(db, body_id, entry)
    with db.transaction() as session:
        publish(session, version_id, by=None, at=AT)
    return version_id


def correct(db: Database, version_id: UUID, entry: Entry, revision: int = 1, **more: object) -> int:
    with db.transaction() as session:
        return correct_draft(session, version_id, Correction(entry_as_json(entry), revision, **more), by=None, at=AT)


def refused(code: CertificationRefusal) -> pytest.RaisesContext[Refusal]:
    return pytest.raises(Refusal, match=f"^{code.value}$")


def test_an_imported_entry_is_a_draft_that_keeps_everything_read_and_every_doubt(db, body_id):
    version_id = imported(db, body_id)
    with db.reader() as session:
        draft = find_draft(session, version_id)
    assert draft.entry == the_entry()
    assert (draft.code, draft.number, draft.revision, draft.decision_rule) == ("RNCP16959", 1, 1, DecisionRule.EVERY)
    assert draft.settled == frozenset()


def test_the_same_entry_given_again_adds_nothing_even_after_it_was_corrected(db, body_id):
    version_id = imported(db, body_id)
    correct(db, version_id, the_entry(title="Expert en stratégie digitale et numérique"))
    with db.transaction() as session:
        again = import_entry(session, body_id, the_entry(), by=None, at=AT)
    assert (again.version.id, again.outcome, again.already_there) == (version_id, ImportOutcome.ALREADY_THERE, True)
    with db.reader() as session:
        assert len(session.scalars(select(CertificationVersion)).all()) == 1
        assert find_draft(session, version_id).title == "Expert en stratégie digitale et numérique"


def test_another_content_beside_an_open_draft_is_another_draft_and_the_first_is_untouched(db, body_id):
    first = imported(db, body_id)
    with db.transaction() as session:
        other = import_entry(session, body_id, the_entry(level="6"), by=None, at=AT)
    assert other.outcome is ImportOutcome.BESIDE_A_DRAFT
    with db.reader() as session:
        assert find_draft(session, first).entry.level == "7"
        draft = find_draft(session, other.version.id)
        assert (draft.number, [one.id for one in draft.beside]) == (2, [first])


def test_another_content_after_a_publication_is_the_draft_of_the_next_version(db, body_id):
    published(db, body_id)
    with db.transaction() as session:
        other = import_entry(session, body_id, the_entry(level="6"), by=None, at=AT)
    assert (other.outcome, other.version.number) == (ImportOutcome.NEXT, 2)


def test_two_bodies_may_import_the_same_entry(db, body_id):
    with db.transaction() as session:
        other = factories.body(session, "Un autre organisme").id
    assert imported(db, body_id) != imported(db, other)


def test_an_entry_without_a_code_of_the_register_is_not_kept(db, body_id):
    with refused(CertificationRefusal.CODE_NEEDED), db.transaction() as session:
        import_entry(session, body_id, the_entry(code="16959"), by=None, at=AT)
    with db.reader() as session:
        assert session.scalars(select(Certification)).all() == []


@pytest.mark.both
def test_ten_imports_at_once_make_one_version(db, body_id):
    start, found, lost = Barrier(10), [], []

    def act() -> None:
        start.wait()
        try:
            found.append(imported(db, body_id))
        except Exception as error:  # said below, in the thread of the test
            lost.append(error)

    threads = [Thread(target=act) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lost == []
    assert len(found) == 10
    assert len(set(found)) == 1


def test_a_correction_is_saved_with_the_doubts_looked_at_and_the_rule_for_blocks(db, body_id):
    version_id = imported(db, body_id)
    entry = the_entry(title="Expert(e) en stratégie digitale")
    rule = {"decision_rule": DecisionRule.THRESHOLD, "decision_threshold": 75}
    assert correct(db, version_id, entry, settled=(doubt_key(WORDING),), **rule) == 2
    with db.reader() as session:
        draft = find_draft(session, version_id)
    assert (draft.title, draft.entry, draft.settled) == (entry.title, entry, {doubt_key(WORDING)})
    assert (draft.decision_rule, draft.decision_threshold) == (DecisionRule.THRESHOLD, 75)


def test_saving_the_same_correction_twice_changes_nothing_the_second_time(db, body_id):
    version_id = imported(db, body_id)
    entry = the_entry(level="6")
    assert [correct(db, version_id, entry), correct(db, version_id, entry)] == [2, 2]


def test_a_correction_made_on_an_older_state_is_refused_with_what_differs(db, body_id):
    version_id = imported(db, body_id)
    correct(db, version_id, the_entry(title="Le titre de ma collègue"))
    with pytest.raises(Conflict) as conflict:
        correct(db, version_id, the_entry(title="Mon titre"))
    assert conflict.value.theirs == {"title": "Le titre de ma collègue"}
    assert conflict.value.revision == 2
    with db.reader() as session:
        assert find_draft(session, version_id).title == "Le titre de ma collègue"


def test_a_json_that_is_no_entry_is_never_kept(db, body_id):
    version_id = imported(db, body_id)
    wrong = {**entry_as_json(the_entry()), "body_id": str(uuid4())}
    with pytest.raises(MalformedEntry), db.transaction() as session:
        correct_draft(session, version_id, Correction(wrong, 1), by=None, at=AT)


def test_a_badly_read_code_can_be_corrected_until_another_version_bears_it(db, body_id):
    version_id = imported(db, body_id)
    correct(db, version_id, the_entry(code="RNCP16958"))
    with db.reader() as session:
        assert find_draft(session, version_id).code == "RNCP16958"
    imported(db, body_id, the_entry(code="RNCP16958", level="6"))
    with refused(CertificationRefusal.CODE_FIXED):
        correct(db, version_id, the_entry(), revision=2)


def test_a_draft_cannot_take_the_code_of_another_certification(db, body_id):
    imported(db, body_id)
    other = imported(db, body_id, the_entry(code="RNCP00001"))
    with refused(CertificationRefusal.CODE_TAKEN):
        correct(db, other, the_entry())


def test_publishing_makes_the_rows_that_candidacies_and_juries_rely_on(db, body_id, by):
    version_id = imported(db, body_id)
    with db.transaction() as session:
        version = publish(session, version_id, by=by, at=AT, seen_revision=1)
        assert version.published_at == AT
    with db.reader() as session:
        version = session.get_one(CertificationVersion, version_id)
        assert [len(block.competencies) for block in version.blocks] == [2, 3, 3, 3]
        assert version.blocks[2].competencies[1].text == "Définir une stratégie d’offre"
        assert version.blocks[0].assessments == ["Cas pratique à partir d’une problématique d’entreprise."]
        assert [(registration.starts_on, registration.ends_on) for registration in version.registrations] == [
            (date(2016, 6, 16), date(2018, 10, 4)),
            (date(2018, 10, 4), date(2022, 1, 4)),
        ]
        rule = jury_rule_of(version)
        assert (rule.size, rule.seats[0], rule.external_min) == (5, Seat.PRESIDENT, 0.4)


def test_what_prevents_publication_is_told_and_nothing_is_written(db, body_id):
    entry = the_entry()
    mute = replace(entry, blocks=(replace(entry.blocks[0], competencies=()), *entry.blocks[1:]), jury=None)
    version_id = imported(db, body_id, mute)
    with pytest.raises(Refusal) as refusal, db.transaction() as session:
        publish(session, version_id, by=None, at=AT)
    assert [fault.what for fault in refusal.value.facts["faults"]] == [
        PublicationErrorCode.NO_JURY_RULE,
        PublicationErrorCode.BLOCK_WITHOUT_COMPETENCY,
    ]
    with db.reader() as session:
        assert session.scalars(select(Block)).all() == []
        assert find_draft(session, version_id) is not None


def test_a_draft_changed_since_it_was_read_is_not_published(db, body_id):
    version_id = imported(db, body_id)
    correct(db, version_id, the_entry(level="6"))
    with refused(CertificationRefusal.DRAFT_CHANGED), db.transaction() as session:
        publish(session, version_id, by=None, at=AT, seen_revision=1)


def test_a_published_version_is_neither_corrected_nor_published_again_nor_given_up(db, body_id):
    version_id = published(db, body_id)
    with refused(CertificationRefusal.ALREADY_PUBLISHED):
        correct(db, version_id, the_entry(level="6"))
    with refused(CertificationRefusal.ALREADY_PUBLISHED), db.transaction() as session:
        publish(session, version_id, by=None, at=AT)
    with refused(CertificationRefusal.ALREADY_PUBLISHED), db.transaction() as session:
        discard_draft(session, version_id, by=None, at=AT)


@pytest.mark.both
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certification_version SET title = 'Autre'",
        "UPDATE block SET title = 'Autre'",
        "UPDATE competency SET text = 'Autre'",
        "UPDATE registration_period SET act = 'Autre'",
        "DELETE FROM competency",
        "DELETE FROM certification_version",
    ],
)
def test_the_database_itself_refuses_to_change_what_is_published(db, body_id, statement):
    published(db, body_id)
    with pytest.raises(DBAPIError, match="append-only"), db.transaction() as session:
        session.execute(text(statement))


def test_a_correction_is_a_new_version_and_the_published_one_stays_as_it_was(db, body_id):
    first = published(db, body_id)
    with db.transaction() as session:
        second = open_correction(session, first, by=None, at=AT).id
    correct(db, second, the_entry(title="Expert(e) en stratégie digitale"))
    with db.reader() as session:
        draft = find_draft(session, second)
        assert (draft.number, draft.corrects.number) == (2, 1)
        # What is corrected holds no title by which the body certifies: it was answered for the first one.
        changed = {change.where: change.after for change in draft.changes}
        assert changed["title"] == "Expert(e) en stratégie digitale"
        assert changed.keys() <= {"title", "certifying_title"}
    with db.transaction() as session:
        publish(session, second, by=None, at=AT + timedelta(days=1))
    with db.reader() as session:
        old, new = session.get_one(CertificationVersion, first), session.get_one(CertificationVersion, second)
        assert (old.title, new.title) == ("Expert en stratégie digitale", "Expert(e) en stratégie digitale")
        assert {block.id for block in old.blocks}.isdisjoint(block.id for block in new.blocks)


def test_opening_a_correction_twice_leads_to_the_same_draft(db, body_id):
    first = published(db, body_id)
    with db.transaction() as session:
        one = open_correction(session, first, by=None, at=AT).id
    with db.transaction() as session:
        assert open_correction(session, first, by=None, at=AT).id == one


def test_a_draft_is_corrected_directly(db, body_id):
    version_id = imported(db, body_id)
    with refused(CertificationRefusal.NOT_PUBLISHED), db.transaction() as session:
        open_correction(session, version_id, by=None, at=AT)


def test_of_two_drafts_the_one_published_last_bears_the_highest_number(db, body_id):
    first = imported(db, body_id)
    second = imported(db, body_id, the_entry(level="6"))
    for version_id in (second, first):
        with db.transaction() as session:
            publish(session, version_id, by=None, at=AT)
    with db.reader() as session:
        assert session.get_one(CertificationVersion, first).number == 3
        assert session.get_one(CertificationVersion, second).number == 2


def test_a_draft_given_up_leaves_nothing_and_its_certification_goes_with_its_last_version(db, body_id):
    first = published(db, body_id)
    with db.transaction() as session:
        second = open_correction(session, first, by=None, at=AT).id
    alone = imported(db, body_id, the_entry(code="RNCP00001"))
    for version_id in (second, alone):
        with db.transaction() as session:
            discard_draft(session, version_id, by=None, at=AT)
    with db.reader() as session:
        assert [row.code for row in load_certifications_page(session, body_id).rows] == ["RNCP16959"]
        assert session.scalars(select(CertificationVersion.id)).all() == [first]
    with refused(CertificationRefusal.DRAFT_GONE), db.transaction() as session:
        discard_draft(session, second, by=None, at=AT)


def test_the_successor_of_an_expired_entry_is_named_at_any_time_and_told_to_who_opens_a_candidacy_too_late(
    db, body_id, by
):
    version_id = published(db, body_id)
    with db.transaction() as session:
        certification = session.get_one(CertificationVersion, version_id).certification
        name_successor(session, certification.id, "RNCP36000", by=by, at=AT)
    late = NewCandidacy(
        version_id, PersonInput("x@exemple.fr", "X"), Route.VAE, Regime.FRANCE_VAE, Scope.WHOLE, (), date(2022, 6, 1)
    )
    with pytest.raises(Refusal) as refusal, db.transaction() as session:
        open_candidacy(session, body_id, late, by=by, at=AT)
    assert (refusal.value.code, refusal.value.facts["successor"]) == (CandidacyRefusal.ENTRY_EXPIRED, "RNCP36000")


@pytest.mark.parametrize(
    ("code", "why"),
    [("36000", CertificationRefusal.SUCCESSOR_FORM), ("RNCP16959", CertificationRefusal.SUCCESSOR_IS_ITSELF)],
)
def test_a_successor_is_another_entry_of_the_register(db, body_id, code, why):
    version_id = published(db, body_id)
    with refused(why), db.transaction() as session:
        name_successor(
            session, session.get_one(CertificationVersion, version_id).certification_id, code, by=None, at=AT
        )


def test_the_list_tells_what_is_published_and_what_is_left_to_read(db, body_id):
    first = published(db, body_id)
    with db.transaction() as session:
        open_correction(session, first, by=None, at=AT)
    with db.reader() as session:
        (row,) = load_certifications_page(session, body_id).rows
    assert (row.published.number, row.published.blocks, row.published.competencies) == (1, 4, 11)
    assert [(draft.number, draft.doubts_left, draft.corrects) for draft in row.drafts] == [(2, 1, 1)]


def test_the_page_of_a_version_knows_the_register_of_the_day(db, body_id):
    version_id = published(db, body_id)
    with db.reader() as session:
        assert find_version_page(session, version_id, date(2022, 1, 4)).is_registered
        assert not find_version_page(session, version_id, date(2022, 1, 5)).is_registered
        assert find_draft(session, version_id) is None


@pytest.mark.records(
    "certification_corrected",
    "certification_imported",
    "certification_published",
    "correction_opened",
    "draft_discarded",
)
def test_each_use_case_writes_one_line_of_journal(db, body_id, by):
    with db.transaction() as session:
        version = import_entry(session, body_id, the_entry(), by=by, at=AT).version
    correct(db, version.id, the_entry(level="6"))
    with db.transaction() as session:
        publish(session, version.id, by=by, at=AT)
    with db.transaction() as session:
        draft = open_correction(session, version.id, by=by, at=AT).id
    with db.transaction() as session:
        discard_draft(session, draft, by=by, at=AT)
    with db.reader() as session:
        verbs = list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))
    assert verbs == [
        "certification_imported",
        "certification_corrected",
        "certification_published",
        "correction_opened",
        "draft_discarded",
    ]
