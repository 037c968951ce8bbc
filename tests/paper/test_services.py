"""What leaves the house: who may sign, what a letter must say, and that nothing of it changes afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from portfolio.account.models import BodyMember
from portfolio.certificate.models import Certificate
from portfolio.certificate.rules.ledger import read_heads
from portfolio.certificate.services.ledger import check, head_covering, latest_head
from portfolio.db import Database
from portfolio.mail.models import Mail
from portfolio.paper import services
from portfolio.paper.models import CertificateSignature, Notification
from portfolio.paper.rules import PaperRefusal, Said, letter_from_json, letter_to_json
from portfolio.paper.wording import summary_words
from portfolio.refusal import Conflict, Refusal
from tests import factories
from tests.certificate.ledger_scene import KEYS, signing
from tests.jury import scene
from tests.paper.scenes import QUALITY, SAID, decided, speak, tell
from tests.stories import Stories


def second_refused(url: str) -> scene.Scene:
    """A hearing closed with block 2 refused."""
    database = Database(url)
    made = decided(database)
    database.engine.dispose()
    return made


@pytest.fixture
def made(database_url: str, stories: Stories) -> scene.Scene:
    return stories.begin(database_url, "block 2 refused", second_refused)


def refusal_of(db: Database, made: scene.Scene, said: dict[str, Said] = SAID, by: object = None) -> Refusal:
    """Why the result cannot be told."""
    with pytest.raises(Refusal) as refused, db.transaction() as session:
        services.notify(session, made.candidacy_id, 1, said, by=by or made.certifier.id, at=scene.ON_THE_DAY)
    with db.reader() as session:
        told = session.scalars(select(Mail.subject)).all()
    assert not [one for one in told if "courrier" in one], "nothing leaves"
    return refused.value


def test_the_minutes_already_tell_what_the_jury_saw_and_expects(db, made):
    with db.reader() as session:
        page = services.compose(session, made.candidacy_id, 1, scene.ON_THE_DAY.date())
    (block,) = page.letter.refused
    (one,) = block.competencies
    assert (block.number, one.number, [each.number for each in block.acquired]) == (2, "2.3", ["2.1", "2.2"])
    assert one.said == Said(seen=scene.REFUSED.reason, expected=scene.NOT_VALIDATED.recommendation)
    assert [granted.number for granted in page.letter.granted] == [1, 3, 4]
    assert str(page.clock.until) == "2026-07-03"


def test_without_a_text_on_remedies_no_notification_leaves(db, made):
    assert refusal_of(db, made).code is PaperRefusal.NO_REMEDIES
    speak(db, made, remedies="")
    assert refusal_of(db, made).code is PaperRefusal.NO_REMEDIES


def test_without_a_signatory_no_notification_leaves(db, made):
    speak(db, made, signatory_id=None)
    assert refusal_of(db, made).code is PaperRefusal.NO_SIGNATORY


def test_nobody_signs_in_the_name_of_someone_else(db, made):
    speak(db, made)
    with db.transaction() as session:
        colleague = factories.certifier(session, made.body_id, "Ali Ferrand")
        number = session.scalars(select(Certificate.id)).first()
    refusal = refusal_of(db, made, by=colleague.id)
    assert (refusal.code, refusal.facts["name"]) == (PaperRefusal.NOT_SIGNATORY, "Hélène Roche")
    with pytest.raises(Refusal), db.transaction() as session:
        services.sign(session, made.body_id, [number], by=colleague.id, at=scene.ON_THE_DAY)


def test_a_stranger_to_the_body_is_never_its_signatory(db, made):
    with pytest.raises(Refusal) as refused:
        speak(db, made, signatory_id=made.candidate.id)
    assert refused.value.code is PaperRefusal.FOREIGN_SIGNATORY


@pytest.mark.parametrize("part", ["seen", "missing", "expected", "way"])
def test_a_letter_that_leaves_a_competency_unexplained_does_not_leave(db, made, part):
    speak(db, made)
    silent = {"2.3": replace(SAID["2.3"], **{part: " "})}
    refusal = refusal_of(db, made, silent)
    assert (refusal.code, refusal.facts["numbers"]) == (PaperRefusal.INCOMPLETE, ["2.3"])


def test_an_open_hearing_has_no_result_to_tell(db):
    made = scene.scene(db)
    speak(db, made)
    assert refusal_of(db, made).code is PaperRefusal.NOT_DECIDED
    with db.reader() as session:
        assert services.compose(session, made.candidacy_id, 1, scene.ON_THE_DAY.date()) is None


def test_a_result_is_told_once_to_the_candidate_and_the_advisor_by_mails_without_result(db, made):
    speak(db, made)
    tell(db, made)
    with pytest.raises(Refusal) as refused:
        tell(db, made)
    assert refused.value.code is PaperRefusal.ALREADY_NOTIFIED
    with db.reader() as session:
        mails = [one for one in session.scalars(select(Mail)) if "courrier" in one.subject]
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


def test_the_signed_head_of_the_ledger_is_a_file_attached_to_the_letters_never_lines_of_code_in_them(database_url):
    signed = signing(database_url)
    scene = decided(signed)
    speak(signed, scene)
    tell(signed, scene)
    with signed.reader() as session:
        head = latest_head(session)
        assert head == head_covering(session, "notification", session.scalars(select(Notification.id)).one())
        mails = [one for one in session.scalars(select(Mail)) if "courrier" in one.subject]
        files = [(each.name, each.text) for mail in mails for each in mail.attachments]
        assert check(session, KEYS, [one for _, text in files for one in read_heads(text)]).ok
    signed.engine.dispose()
    assert files == [("tete-du-registre.txt", f"{head.token}\n")] * 2
    assert all("tete-du-registre.txt" in mail.text and head.token not in mail.text for mail in mails)
    assert max(len(word) for mail in mails for word in mail.text.split()) < 120, "no code to read"


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
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == sorted(["sent"] + [PaperRefusal.ALREADY_NOTIFIED] * 3)
    with db.reader() as session:
        assert session.scalar(select(func.count()).select_from(Notification)) == 1


def test_a_letter_keeps_its_words_when_the_settings_change(db, made):
    speak(db, made)
    tell(db, made)
    with db.reader() as session:
        before = services.find_notification(session, made.candidacy_id, 1)
    speak(db, made, legal_name="Autre nom", remedies="Autre texte", signatory_quality="Autre qualité")
    with db.reader() as session:
        after = services.find_notification(session, made.candidacy_id, 1)
    assert after == before
    assert (after.letter.signatory, after.letter.quality) == ("Hélène Roche", QUALITY)


def test_a_letter_is_read_back_as_it_was_written(db, made):
    with db.reader() as session:
        letter = services.compose(session, made.candidacy_id, 1, scene.ON_THE_DAY.date()).letter
    letter = replace(letter, notified_at=scene.ON_THE_DAY)
    assert letter_from_json(json.loads(json.dumps(letter_to_json(letter)))) == letter


def test_a_letter_that_left_before_blocks_were_counted_is_still_read(db, made):
    with db.reader() as session:
        kept = letter_to_json(services.compose(session, made.candidacy_id, 1, scene.ON_THE_DAY.date()).letter)
    del kept["blocks"]
    kept["refused"][0]["acquired"] = ["2.1", "2.2"]
    letter = letter_from_json(json.loads(json.dumps(kept)))
    assert [(one.number, one.text) for one in letter.refused[0].acquired] == [("2.1", ""), ("2.2", "")]
    assert "La certification entière" not in summary_words(letter)


def test_what_waits_for_the_certifier_is_told_then_signed(db, made):
    speak(db, made)
    with db.reader() as session:
        waiting = services.waiting_for(session, made.body_id)
    assert ([one.candidate for one in waiting.to_notify], waiting.to_sign) == (["Samia Benali"], 3)
    tell(db, made)
    with db.transaction() as session:
        ids = [one.id for one in services.signing_page(session, made.body_id).waiting]
        assert services.sign(session, made.body_id, ids, by=made.certifier.id, at=scene.ON_THE_DAY) == 3
    with db.reader() as session:
        waiting = services.waiting_for(session, made.body_id)
    assert (waiting.to_notify, waiting.to_sign) == ((), 0)


def test_a_certificate_is_signed_once_and_only_by_its_own_body(db, made):
    speak(db, made)
    with db.transaction() as session:
        stranger = factories.world(session)
        session.add(BodyMember(body_id=stranger.body.id, person_id=made.certifier.id))
        ids = session.scalars(select(Certificate.id)).all()
    speak(db, replace(made, body_id=stranger.body.id))
    with db.transaction() as session:
        assert services.sign(session, stranger.body.id, ids, by=made.certifier.id, at=scene.ON_THE_DAY) == 0
        assert services.sign(session, made.body_id, ids, by=made.certifier.id, at=scene.ON_THE_DAY) == 3
        assert services.sign(session, made.body_id, ids, by=made.certifier.id, at=scene.ON_THE_DAY) == 0
        assert session.scalar(select(func.count()).select_from(CertificateSignature)) == 3


@pytest.mark.parametrize("table", ["notification", "certificate_signature"])
def test_what_was_signed_or_sent_never_changes(db, made, table):
    speak(db, made)
    tell(db, made)
    with db.transaction() as session:
        ids = session.scalars(select(Certificate.id)).all()
        services.sign(session, made.body_id, ids, by=made.certifier.id, at=scene.ON_THE_DAY)
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="append-only"), db.transaction() as session:
            session.execute(text(statement))


def test_two_people_who_change_the_settings_see_each_other(db, made):
    speak(db, made)
    with db.reader() as session:
        page = services.body_page(session, made.body_id)
    speak(db, made, contact="Un autre contact")
    with pytest.raises(Conflict) as conflict, db.transaction() as session:
        services.save_words(session, made.body_id, page.words, revision=page.revision, by=made.certifier.id, at=factories.AT)
    assert conflict.value.theirs["contact"] == "Un autre contact"
