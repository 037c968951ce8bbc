"""Documents that are sent: who may sign, what a letter must say, and that nothing of it changes afterwards."""

import json
from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portfolio.db.engine import Database
from portfolio.domain.account.models import CertifyingBodyMember
from portfolio.domain.certifying_body import settings
from portfolio.domain.certifying_body.rules import DocumentRefusal
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.holdings.models.events import ResultNotification
from portfolio.domain.holdings.models.grants import Certificate, CertificateSignature
from portfolio.domain.holdings.use_cases import signatures
from portfolio.domain.ledger.checkpoints import checkpoint_covering, latest_checkpoint
from portfolio.domain.notification.rules.letter import MissingCompetencyText, letter_from_json, letter_to_json
from portfolio.domain.notification.use_cases import notifying
from portfolio.errors import Conflict, Refusal
from portfolio.on_commit import open_database
from portfolio.screens.certifier.notifications import views
from portfolio.wording.documents import summary_message
from tests import factories
from tests.holdings.ledger_builders import signing
from tests.jury import builders
from tests.notification.builders import QUALITY, SAID, decided, speak, tell
from tests.snapshots import Stories


def second_refused(url: str) -> builders.Scene:
    """A hearing closed with block 2 refused."""
    database = open_database(url)
    made = decided(database)
    database.engine.dispose()
    return made


@pytest.fixture
def made(database_url: str, stories: Stories) -> builders.Scene:
    return stories.begin(database_url, "block 2 refused", second_refused)


def refusal_of(
    db: Database, made: builders.Scene, said: dict[str, MissingCompetencyText] = SAID, by: object = None
) -> Refusal:
    """Why the result cannot be told."""
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        notifying.notify(session, made.candidacy_id, 1, said, by=by or made.certifier.id, at=builders.ON_THE_DAY)
    with db.reader() as session:
        told = session.scalars(select(OutgoingEmail.subject)).all()
    assert not [one for one in told if "courrier" in one], "nothing is sent"
    return refused.value


def test_the_minutes_already_tell_what_the_jury_saw_and_expects(db, made):
    with db.reader() as session:
        page = notifying.prepare_notification(session, made.candidacy_id, 1, builders.ON_THE_DAY.date())
    (block,) = page.letter.refused
    (one,) = block.competencies
    assert (block.number, one.number, [each.number for each in block.acquired]) == (2, "2.3", ["2.1", "2.2"])
    assert one.said == MissingCompetencyText(
        seen=builders.REFUSED.reason, expected=builders.NOT_VALIDATED.recommendation
    )
    assert [granted.number for granted in page.letter.granted] == [1, 3, 4]
    assert str(page.clock.until) == "2026-07-03"


def test_without_a_text_on_remedies_no_notification_leaves(db, made):
    assert refusal_of(db, made).code is DocumentRefusal.NO_REMEDIES
    speak(db, made, remedies="")
    assert refusal_of(db, made).code is DocumentRefusal.NO_REMEDIES


def test_without_a_signatory_no_notification_leaves(db, made):
    speak(db, made, signatory_id=None)
    assert refusal_of(db, made).code is DocumentRefusal.NO_SIGNATORY


def test_nobody_signs_in_the_name_of_someone_else(db, made):
    speak(db, made)
    with db.transaction() as session:
        colleague = factories.certifier(session, made.body_id, "Ali Ferrand")
        number = session.scalars(select(Certificate.id)).first()
    refusal = refusal_of(db, made, by=colleague.id)
    assert (refusal.code, refusal.facts["name"]) == (DocumentRefusal.NOT_SIGNATORY, "Hélène Roche")
    with pytest.raises(Refusal), db.transaction() as session:
        signatures.sign(session, made.body_id, [number], by=colleague.id, at=builders.ON_THE_DAY)


def test_a_stranger_to_the_body_is_never_its_signatory(db, made):
    with pytest.raises(Refusal) as refused:
        speak(db, made, signatory_id=made.candidate.id)
    assert refused.value.code is DocumentRefusal.FOREIGN_SIGNATORY


@pytest.mark.parametrize("part", ["seen", "missing", "expected", "way"])
def test_a_letter_that_leaves_a_competency_unexplained_does_not_leave(db, made, part):
    speak(db, made)
    silent = {"2.3": replace(SAID["2.3"], **{part: " "})}
    refusal = refusal_of(db, made, silent)
    assert (refusal.code, refusal.facts["numbers"]) == (DocumentRefusal.INCOMPLETE, ["2.3"])


def test_an_open_hearing_has_no_result_to_tell(db):
    made = builders.scene(db)
    speak(db, made)
    assert refusal_of(db, made).code is DocumentRefusal.NOT_DECIDED
    with db.reader() as session:
        assert notifying.prepare_notification(session, made.candidacy_id, 1, builders.ON_THE_DAY.date()) is None


def test_a_result_is_told_once_to_the_candidate_and_the_advisor_by_mails_without_result(db, made):
    speak(db, made)
    tell(db, made)
    with pytest.raises(Refusal) as refused:
        tell(db, made)
    assert refused.value.code is DocumentRefusal.ALREADY_NOTIFIED
    with db.reader() as session:
        mails = [one for one in session.scalars(select(OutgoingEmail)) if "courrier" in one.subject]
    assert {one.person_id for one in mails} == {made.candidate.id, made.advisor.id}
    for mail in mails:
        assert f"/dossiers/{made.candidacy_id}/notification/1" in mail.text
        words = (mail.subject + mail.text).lower()
        assert "registre" not in words  # no key here: there is no head to keep
        assert not [
            one
            for one in ("acquis ", "valid", "refus", "bloc", "résultat", "certificat", "jury")
            if one in words.replace("sur acquis", "").replace("validation des acquis", "")
        ]


def test_the_letter_of_a_result_has_no_file_of_the_ledger(database_url):
    signed = signing(database_url)
    scene = decided(signed)
    speak(signed, scene)
    tell(signed, scene)
    with signed.reader() as session:
        head = latest_checkpoint(session)
        assert head == checkpoint_covering(
            session, "result_notification", session.scalars(select(ResultNotification.id)).one()
        )
        mails = [each for each in session.scalars(select(OutgoingEmail)) if "courrier" in each.subject]
        assert mails
        assert not [each for mail in mails for each in mail.attachments]
        assert not [mail for mail in mails if "registre" in mail.text]
    signed.engine.dispose()


@pytest.mark.both
def test_two_clicks_at_once_tell_once(db, made):
    speak(db, made)
    barrier, answers = Barrier(4), []

    def click() -> None:
        barrier.wait()
        try:
            tell(db, made)
            answers.append("sent")
        except Refusal as refusal:
            answers.append(refusal.code)

    threads = [Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == sorted(["sent"] + [DocumentRefusal.ALREADY_NOTIFIED] * 3)
    with db.reader() as session:
        assert session.scalar(select(func.count()).select_from(ResultNotification)) == 1


def test_a_letter_keeps_its_words_when_the_settings_change(db, made):
    speak(db, made)
    tell(db, made)
    with db.reader() as session:
        before = notifying.find_notification(session, made.candidacy_id, 1)
    speak(db, made, legal_name="Autre nom", remedies="Autre texte", signatory_quality="Autre qualité")
    with db.reader() as session:
        after = notifying.find_notification(session, made.candidacy_id, 1)
    assert after == before
    assert (after.letter.signatory, after.letter.quality) == ("Hélène Roche", QUALITY)


def test_a_letter_is_read_back_as_it_was_written(db, made):
    with db.reader() as session:
        letter = notifying.prepare_notification(session, made.candidacy_id, 1, builders.ON_THE_DAY.date()).letter
    letter = replace(letter, notified_at=builders.ON_THE_DAY)
    assert letter_from_json(json.loads(json.dumps(letter_to_json(letter)))) == letter


def test_a_letter_that_left_before_blocks_were_counted_is_still_read(db, made):
    with db.reader() as session:
        kept = letter_to_json(
            notifying.prepare_notification(session, made.candidacy_id, 1, builders.ON_THE_DAY.date()).letter
        )
    del kept["blocks"]
    kept["refused"][0]["acquired"] = ["2.1", "2.2"]
    letter = letter_from_json(json.loads(json.dumps(kept)))
    assert [(letter_acquired.number, letter_acquired.text) for letter_acquired in letter.refused[0].acquired] == [
        ("2.1", ""),
        ("2.2", ""),
    ]
    assert "La certification entière" not in summary_message(letter)


@pytest.mark.records("body_words_saved", "certificates_signed")
def test_what_waits_for_the_certifier_is_told_then_signed(db, made):
    speak(db, made)
    with db.reader() as session:
        waiting = views.load_pending_results(session, made.body_id, 10)
        assert [result.candidate for result in waiting] == ["Samia Benali"]
        assert signatures.count_unsigned(session, made.body_id) == 3
        assert signatures.load_signing_page(session, made.body_id).untold == ("Samia Benali",)
    tell(db, made)
    with db.transaction() as session:
        assert signatures.load_signing_page(session, made.body_id).untold == ()
        ids = [
            unsigned_certificate.id
            for unsigned_certificate in signatures.load_signing_page(session, made.body_id).waiting
        ]
        assert signatures.sign(session, made.body_id, ids, by=made.certifier.id, at=builders.ON_THE_DAY) == 3
    with db.reader() as session:
        assert views.load_pending_results(session, made.body_id, 10) == ()
        assert signatures.count_unsigned(session, made.body_id) == 0


def test_a_certificate_is_signed_once_and_only_by_its_own_body(db, made):
    speak(db, made)
    with db.transaction() as session:
        stranger = factories.world(session)
        session.add(CertifyingBodyMember(body_id=stranger.body.id, person_id=made.certifier.id))
        ids = session.scalars(select(Certificate.id)).all()
    speak(db, replace(made, body_id=stranger.body.id))
    with db.transaction() as session:
        assert signatures.sign(session, stranger.body.id, ids, by=made.certifier.id, at=builders.ON_THE_DAY) == 0
        assert signatures.sign(session, made.body_id, ids, by=made.certifier.id, at=builders.ON_THE_DAY) == 3
        assert signatures.sign(session, made.body_id, ids, by=made.certifier.id, at=builders.ON_THE_DAY) == 0
        assert session.scalar(select(func.count()).select_from(CertificateSignature)) == 3


@pytest.mark.both
@pytest.mark.parametrize("table", ["result_notification", "certificate_signature"])
def test_what_was_signed_or_sent_never_changes(db, made, table):
    speak(db, made)
    tell(db, made)
    with db.transaction() as session:
        ids = session.scalars(select(Certificate.id)).all()
        signatures.sign(session, made.body_id, ids, by=made.certifier.id, at=builders.ON_THE_DAY)
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="append-only"), db.transaction() as session:
            session.execute(text(statement))


def test_two_people_who_change_the_settings_see_each_other(db, made):
    speak(db, made)
    with db.reader() as session:
        page = settings.load_body_page(session, made.body_id)
    speak(db, made, contact="Un autre contact")
    with pytest.raises(Conflict) as conflict, db.transaction() as session:
        settings.save_body_settings(
            session, made.body_id, page.words, revision=page.revision, by=made.certifier.id, at=factories.AT
        )
    assert conflict.value.theirs["contact"] == "Un autre contact"
