"""The demonstration: told once on each store, each person where the story says, every page of theirs sound."""

from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import func, or_, select

from demo import apprentices, builder, deadlines, scenarios, seed
from demo.passphrase import PASSPHRASE
from demo.people import ines, karim, marc, paul, samia, sophie
from portfolio.calendar import day_of
from portfolio.domain.access_monitoring.models import AccessRecord
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.admissibility.models import AdmissibilityRequest
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.models import AccommodationDecision, Candidacy, Submission
from portfolio.domain.candidacy.rules.opening import AccommodationOutcome
from portfolio.domain.candidate_group.models import CandidateGroup
from portfolio.domain.candidate_group.use_cases import list_members
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.registration import admissibility_answer
from portfolio.domain.complaint.models import Complaint
from portfolio.domain.dossier.models.dossier import Claim, CoverageReview, Dossier
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.dossier.rules.citation import citation_error, citation_unit
from portfolio.domain.dossier.rules.description import missing_facts
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.dossier.use_cases.matrix import load_matrix
from portfolio.domain.dossier.use_cases.reuse import load_served_elsewhere
from portfolio.domain.email.rules import Box
from portfolio.domain.follow_up.models import FollowUp
from portfolio.domain.funding.rules import Commitment, Held
from portfolio.domain.funding.use_cases import load_support
from portfolio.domain.holdings.models.events import ResultNotification
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.use_cases.holdings import block_statuses, held_blocks, list_near_titles
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing, JurySession
from portfolio.domain.jury.models.statements import Statement
from portfolio.domain.jury.rules.predicates import is_regular
from portfolio.domain.jury_session.use_cases.closing import preview_closing
from portfolio.domain.jury_session.use_cases.schedule import obstacles_of
from portfolio.domain.review.use_cases.assessments import load_reviews
from portfolio.domain.review.use_cases.email_notifications import load_unread
from portfolio.domain.review.use_cases.thread import load_thread
from portfolio.domain.si_cpf.models import SiCpfFlow
from portfolio.files.renditions.logo_client import LogoFault, LogoRejected
from portfolio.screens.certifier.home.deadlines import load_deadlines
from portfolio.screens.certifier.letters.queries import OutboxQuery, load_outbox
from tests.demo.conftest import NOW
from tests.demo.walking import walk
from tests.submission.verification import verify


@pytest.fixture
def db(told: Flask) -> Iterator[object]:
    """A session that reads the demonstration."""
    with told.extensions["database"].reader() as session:
        yield session


def of(db, who) -> SimpleNamespace:
    """Return the first candidacy of someone, with what the tests ask of it."""
    candidacy = db.scalars(
        select(Candidacy)
        .join(Person, Person.id == Candidacy.candidate_id)
        .where(Person.email == who.email)
        .order_by(Candidacy.opened_at)
    ).first()
    submissions = db.scalars(
        select(Submission).where(Submission.candidacy_id == candidacy.id).order_by(Submission.number)
    ).all()
    held = held_blocks(db, candidacy.candidate_id, candidacy.version_id, on=None)
    return SimpleNamespace(
        candidacy=candidacy,
        state=db.get_one(Dossier, candidacy.id).state,
        submissions=submissions,
        held=sorted(block.block_number for block in held.values()),
        competency={
            competency.label: competency.id for block in candidacy.version.blocks for competency in block.competencies
        },
    )


@pytest.mark.slow
def test_telling_again_changes_nothing(told, db):
    before = db.scalar(select(func.count()).select_from(AuditEvent))
    db.rollback()
    with told.app_context():
        assert seed.tell_once(NOW).present
    assert db.scalar(select(func.count()).select_from(AuditEvent)) == before


def test_the_certification_is_published_with_its_doubts_settled(db):
    version, short = db.scalars(select(CertificationVersion).order_by(CertificationVersion.published_at))
    assert [block.title for block in short.blocks] == [version.blocks[3].title, version.blocks[1].title]
    assert version.published_at is not None
    assert version.title == "Expert en stratégie digitale"
    assert len(version.resolved_doubts) == len(version.entry["doubts"])
    assert [len(block.competencies) for block in version.blocks] == [2, 3, 3, 3]


def test_every_candidate_was_admissible_while_the_entry_was_registered_or_a_reason_passed_over_it(db):
    paths = db.scalars(select(Candidacy)).all()
    assert len(paths) == 21
    inside = [
        any(
            period.since <= path.admissible_on <= period.until
            for period in path.version.certification.known_registrations()
        )
        for path in paths
    ]
    assert [path.expiry_override is None for path in paths] == inside
    assert inside.count(False) == 2


def test_one_legal_delay_has_passed_and_one_is_near(db):
    body_id = db.scalars(select(CertifyingBody.id)).one()
    found = load_deadlines(db, body_id, day_of(NOW))
    assert [candidacy_deadline.candidate for candidacy_deadline in found.passed] == [deadlines.NADIA.name]
    assert [candidacy_deadline.candidate for candidacy_deadline in found.near] == [deadlines.BASTIEN.name]


def test_some_letters_wait_to_be_handed_over_and_one_opens_an_account(db):
    body_id = db.scalars(select(CertifyingBody.id)).one()
    page = load_outbox(db, body_id, OutboxQuery(), has_server=False, at=NOW)
    assert 0 < len(page.letters) < 20
    opens = sorted(letter.mail.email for letter in page.letters if letter.opens)
    assert opens == [deadlines.LEA.email, "marc.lefort@exemple.fr"]
    assert page.counts[Box.HANDED_OVER] > 20


def test_one_block_is_suspended(db):
    his = of(db, deadlines.OLIVIER)
    stand = block_statuses(db, his.candidacy.candidate_id, his.candidacy.version_id, on=None)
    assert len(stand.suspended) == 1
    assert len(stand.held) == 0


def test_samia_is_half_way_with_an_outdated_mark_and_a_question_that_waits(db):
    hers = of(db, samia.LIFE.who)
    assert hers.state is DossierState.DRAFT
    assert not hers.submissions
    given = load_reviews(db, hers.candidacy.id, hers.competency.values())
    marks = {label: given.get(key) for label, key in hers.competency.items()}
    assert {mark.value for mark in marks.values() if mark} == set(Assessment)
    assert [label for label, mark in marks.items() if mark and mark.outdated] == ["2.1"]
    claimed = set(db.scalars(select(Claim.competency_id).where(Claim.candidacy_id == hers.candidacy.id)))
    assert hers.competency["2.2"] not in claimed
    assert len(claimed) >= 7
    assert not load_thread(db, hers.candidacy.id, hers.competency["2.2"], hers.candidacy.candidate_id)[-1].by_candidate


def test_samia_has_one_new_message_and_has_read_the_others(db):
    hers = of(db, samia.LIFE.who)
    unread = load_unread(db, [hers.candidacy.id], hers.candidacy.candidate_id)[hers.candidacy.id]
    assert {key: one.count for key, one in unread.items()} == {hers.competency["2.2"]: 1}


def test_every_decided_candidate_has_their_letter_within_fifteen_days(db):
    told = {one.minutes_id: day_of(one.notified_at) for one in db.scalars(select(ResultNotification))}
    closed = db.scalars(select(Minutes)).all()
    assert len(closed) == 6
    assert all(0 <= (told[one.id] - one.decided_on).days <= 15 for one in closed)


def test_marc_has_written_nothing(db):
    his = of(db, marc.WHO)
    assert his.state is DossierState.DRAFT
    assert not his.submissions
    assert not db.scalars(select(Evidence).where(Evidence.candidacy_id == his.candidacy.id)).all()


def test_ines_sealed_three_days_ago_and_waits_for_a_session(db):
    hers = of(db, ines.LIFE.who)
    assert hers.state is DossierState.SUBMITTED
    assert (day_of(NOW) - day_of(hers.submissions[0].submitted_at)).days == 3
    assert not db.scalars(select(Hearing).where(Hearing.submission_id == hers.submissions[0].id)).all()


def test_karim_is_before_a_regular_jury_today_and_it_can_go_on(db):
    his = of(db, karim.LIFE.who)
    hearing = db.scalars(select(Hearing).where(Hearing.submission_id == his.submissions[0].id)).one()
    assert hearing.closed_at is None
    assert hearing.session.held_on == day_of(NOW)
    found = db.scalar(select(func.count()).where(FindingDraft.hearing_id == hearing.id))
    assert 0 < found < 11
    assert db.scalar(select(func.count()).where(DecisionDraft.hearing_id == hearing.id)) == 1
    seen = preview_closing(db, hearing.id, day_of(NOW))
    assert is_regular(seen.answers)


def test_sophie_holds_blocks_1_and_4_and_prepares_2_and_3(db):
    hers = of(db, sophie.LIFE.who)
    assert hers.held == [1, 4]
    assert hers.state is DossierState.DRAFT
    assert len(hers.submissions) == 1
    still = [block.number for block in load_matrix(db, hers.candidacy.id).blocks if block.held is None]
    assert still == [2, 3]


def test_sophie_is_one_block_from_a_second_title_and_a_piece_of_hers_serves_both(db):
    hers = of(db, sophie.LIFE.who)
    near = list_near_titles(db, hers.candidacy.candidate_id, on=day_of(NOW))
    assert [(one.held, [number for number, _ in one.missing]) for one in near] == [(1, [2]), (2, [2, 3])]
    second = db.scalars(select(Candidacy).where(Candidacy.candidate_id == hers.candidacy.candidate_id)).all()[-1]
    piece = db.scalars(select(Evidence).where(Evidence.candidacy_id == second.id)).one()
    served = load_served_elsewhere(db, second.id, [piece.file.sha256])
    assert list(served[piece.file.sha256]) == ["Expert en stratégie digitale"]


def test_paul_holds_the_whole_dated_by_his_second_jury(db):
    his = of(db, paul.LIFE.who)
    assert his.held == [1, 2, 3, 4]
    assert len(his.submissions) == 2
    award = db.scalars(select(Award).where(Award.person_id == his.candidacy.candidate_id)).one()
    last = db.scalars(select(Hearing).where(Hearing.submission_id == his.submissions[1].id)).one()
    assert award.obtained_on == last.session.held_on
    grants = select(Grant.id).where(Grant.person_id == his.candidacy.candidate_id)
    own = (Certificate.grant_id.in_(grants), Certificate.award_id == award.id)
    assert db.scalar(select(func.count()).select_from(Certificate).where(or_(*own))) == 5


def test_nora_asks_for_a_title_whose_entry_is_in_force(db):
    asked = db.scalars(select(AdmissibilityRequest)).one()
    known = asked.version.certification.known_registrations()
    assert not admissibility_answer(known, day_of(NOW), successor=None).stopped


def test_what_surrounds_the_dossiers_is_there(db):
    complaint = db.scalars(select(Complaint)).one()
    assert complaint.answered_at
    assert not complaint.closed_at
    group = db.scalars(select(CandidateGroup)).one()
    assert [member.name for member in list_members(db, group.id)] == [
        "Karim Haddad",
        "Olivier Marchetti",
        "Sophie Vasseur",
    ]
    support = load_support(db, of(db, samia.LIFE.who).candidacy.id)
    assert [one.commitment for one in support.fundings] == [Commitment.GRANTED]
    assert support.sheet.attended == 300
    assert [one.held is Held.HELD and one.signed_at is None for one in support.appointments].count(True) == 1
    surveys = db.scalars(select(FollowUp)).all()
    assert [row.answered_at is not None for row in surveys].count(True) == 1
    flows = db.scalars(select(SiCpfFlow).order_by(SiCpfFlow.number)).all()
    assert [(flow.accepted, flow.rejected) for flow in flows] == [(2, 0), (1, 0)]
    decided = db.scalars(select(AccommodationDecision.outcome)).all()
    assert decided == [AccommodationOutcome.GRANTED] * 2


def test_a_class_of_eight_is_ready_but_for_one_juror(db):
    day = db.scalars(select(JurySession).where(JurySession.held_on > day_of(NOW))).one()
    assert len(day.hearings) == 8
    assert len(day.members) == 5
    assert all(hearing.start_minute for hearing in day.hearings)
    [lengthened] = [hearing for hearing in day.hearings if hearing.end_minute - hearing.start_minute == 65]
    assert lengthened.submission.candidacy.candidate_name == apprentices.MALO.name
    said = db.scalars(select(Statement).where(Statement.hearing_id.in_([hearing.id for hearing in day.hearings]))).all()
    declared = Counter(statement.person_id for statement in said)
    assert set(declared.values()) == {8}
    assert {member.name for member in day.members if member.person_id not in declared} == {"Aya Diallo"}
    assert not obstacles_of(db, day)


def test_what_was_sealed_is_intact_in_the_store(told, db):
    for submission in db.scalars(select(Submission)):
        assert verify(db, told.extensions["files"], submission.id) == []


def test_every_passage_lies_in_its_piece_and_every_note_is_written(db):
    for claim in db.scalars(select(Claim)):
        file = claim.evidence.file
        assert citation_error(claim.passage, citation_unit(file.family, file.pages), file.pages) is None, (
            claim.evidence.title
        )
    for piece in db.scalars(select(Evidence)):
        assert missing_facts(piece.to_value(piece.file.pages)) == (), piece.title


def test_the_logins_name_everyone_and_the_passphrase(told):
    with told.app_context():
        table = seed.logins(seed.tell_once(NOW))
    for one in seed.VISITORS:
        assert one.who.name in table
        assert one.who.email in table
    assert PASSPHRASE in table
    assert "create-certifier" in table


def test_a_logo_that_cannot_be_made_is_told_and_left_out(app, store, monkeypatch):
    def refuse(*_: object) -> None:
        raise LogoRejected(LogoFault.UNREADABLE)

    monkeypatch.setattr(builder, "written_logo", refuse)
    monkeypatch.setattr(seed, "CHAPTERS", (scenarios.begins,))
    with app.app_context():
        made = seed.tell_once(NOW)
    assert builder.NO_LOGO in seed.logins(made)
    with store.reader() as session:
        assert session.scalars(select(CertifyingBody.name)).all() == [builder.BODY]


def test_a_base_that_others_filled_is_left_alone_and_prints_no_login(app, store):
    from tests import factories

    with store.transaction() as session:
        factories.person(session, "Jeanne Autre", "jeanne@exemple.fr")
    with app.app_context():
        made = seed.tell_once(NOW)
        assert seed.logins(made) == ""
    with store.reader() as session:
        assert session.scalars(select(Person.email)).all() == ["jeanne@exemple.fr"]


@pytest.mark.parametrize(
    "who", [one.who for one in seed.VISITORS if one.who != marc.WHO], ids=lambda who: who.email.split("@")[0]
)
@pytest.mark.parametrize("of_each", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["some", "each"])
def test_every_page_that_a_person_reaches_from_home_is_sound(on_sqlite, who, of_each):
    assert len(walk(on_sqlite, who.email, of_each=of_each).seen) > 5


def test_who_wrote_to_a_candidate_is_among_those_who_opened_the_dossier(db):
    marked = select(Candidacy.advisor_id, Candidacy.candidate_id).join(
        CoverageReview, CoverageReview.candidacy_id == Candidacy.id
    )
    written = {tuple(row) for row in db.execute(marked)}
    opened = {(row.reader_id, row.subject_id) for row in db.scalars(select(AccessRecord))}
    assert written
    assert written <= opened
