"""The minutes as they are printed, from real hearings: votes, presence, declarations, what was written since."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pypdfium2
import pytest

from portfolio.db.engine import Database
from portfolio.documents.minutes import Minutes, minutes_pdf
from portfolio.domain.account.models import Person
from portfolio.domain.jury.rules.deliberation import Votes
from portfolio.domain.jury.rules.enums import Attendance, PresidencyVote, StatementKind
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury.rules.opinions import InterviewInput, InterviewKind
from portfolio.domain.jury_session.use_cases import declarations, interview, minutes
from portfolio.domain.notification.use_cases.document_data import find_minutes_data
from portfolio.wording.documents import minutes_value
from tests.documents.reading import words_of
from tests.jury.builders import (
    FIVE,
    NOT_VALIDATED,
    ON_THE_DAY,
    SEALED_AT,
    SUBSTITUTE,
    VALIDATED,
    Scene,
    account,
    act,
    check,
    close,
    decide,
    deliberate,
    get_all_ready,
    name,
    say,
    scene,
)

pytestmark = pytest.mark.filterwarnings("default::DeprecationWarning")
TEACHER = FIVE[3].seat


def value(db: Database, made: Scene) -> Minutes:
    with db.reader() as session:
        paper = find_minutes_data(session, made.hearing_id)
        assert paper is not None
        return minutes_value(paper)


def printed(db: Database, made: Scene) -> str:
    return words_of(minutes_pdf(value(db, made)))


def test_the_moment_of_a_statement_holds_on_one_line(db: Database) -> None:
    made = scene(db, refused=())
    close(db, made)
    with pypdfium2.PdfDocument(minutes_pdf(value(db, made))) as document:
        lines = [line for page in document for line in page.get_textpage().get_text_range().splitlines()]
    moments = [line.split() for line in lines if re.search(r"\b(en|sur|ligne|papier)$", line)]
    assert moments
    assert all(words[0] == "le" and words[-1] in {"ligne", "papier"} for words in moments), moments


def test_both_counts_are_printed_when_the_presidents_vote_decided(db: Database) -> None:
    made = scene(db, refused=(2,))
    first, second = made.blocks[:2]
    decide(db, made, first, replace(VALIDATED, votes=Votes(2, 2, None, PresidencyVote.FOR)), revision=1)
    decide(db, made, second, replace(NOT_VALIDATED, votes=Votes(2, 3, None, PresidencyVote.AGAINST)), revision=1)
    close(db, made)
    said = printed(db, made)
    tie = "Valider le bloc 1 ? 2 voix pour, 2 voix contre, 1 abstention. Égalité des voix : la voix de la présidence"
    assert tie in said
    assert "Valider le bloc 2 ? 2 voix pour, 3 voix contre." in said
    assert said.count("Égalité des voix") == 1
    assert "3 voix pour" not in said, "nobody votes twice"


def test_the_minutes_say_that_the_jury_also_decided_on_the_interview_that_they_keep(db: Database) -> None:
    made = scene(db)
    entry = InterviewInput(InterviewKind.INTERVIEW, "Quel budget ?", "Un budget de 40 000 euros.", None, None)
    with db.transaction() as session:
        interview.write_entry(session, made.hearing_id, entry, by=made.president.id, at=ON_THE_DAY)
    deliberate(db, made)
    close(db, made)
    assert value(db, made).heard == "l’entretien"
    said = " ".join(printed(db, made).split())
    assert "dans cette seule version, et sur l’entretien." in said
    assert "sur lui seul" not in said


def test_minutes_that_keep_nothing_heard_say_what_was_read(db: Database) -> None:
    made = scene(db, refused=())
    close(db, made)
    assert value(db, made).heard == ""
    assert "dans cette seule version." in " ".join(printed(db, made).split())


def test_a_recused_member_their_substitute_and_a_form_on_paper_are_all_told(db: Database) -> None:
    made = scene(db, ready=False)
    with db.transaction() as session:
        ivan = account(session, SUBSTITUTE)
    name(db, made, SUBSTITUTE)
    teacher = made.members[TEACHER]
    say(db, made, teacher.id, StatementKind.RECUSAL, "Ancienne collègue.")
    others = [one.id for seat, one in made.members.items() if seat is not TEACHER]
    with db.transaction() as session:
        for kind in (StatementKind.NO_RELATION, StatementKind.READ):
            paper = act(f"{kind}.pdf")
            signed = MemberDeclarations(ivan.id, kind, signed_on=date(2026, 6, 16))
            declarations.record_statement(session, made.hearing_id, signed, paper, by=made.certifier.id, at=ON_THE_DAY)
        get_all_ready(session, made.hearing_id, others, made.certifier.id, SEALED_AT)
        present = [*others, ivan.id]
        declarations.check_presence(
            session, made.hearing_id, present, Attendance.HEARD, by=made.certifier.id, at=ON_THE_DAY
        )
    deliberate(db, made)
    close(db, made)
    said = printed(db, made)
    assert "Enseignement et formation (suppléance)" in said
    assert "Déclare n’avoir aucun lien, formulaire signé le 16 juin 2026" in said
    assert "Atteste avoir lu le dossier, formulaire signé le 16 juin 2026" in said
    assert "Récusation" in said
    assert ", en ligne" in said
    assert "Ancienne collègue" not in said, "a recusal is told, its reason is not"
    assert "5 membres présents sur les 5 qui siègent" in said


@pytest.mark.parametrize(
    ("attendance", "words"), [(Attendance.ABSENT, "absence constatée"), (Attendance.EXCUSED, "absence excusée")]
)
def test_the_minutes_of_someone_who_did_not_come_decide_nothing(
    db: Database, attendance: Attendance, words: str
) -> None:
    made = scene(db)
    check(db, made, [member.id for member in made.members.values()], attendance)
    close(db, made)
    said = printed(db, made)
    assert f"{made.candidate.name}, {words}" in said
    assert "Aucune décision" in said
    assert "Bloc validé" not in said


def test_what_is_rectified_later_is_printed_after_and_changes_nothing_before(db: Database) -> None:
    made = scene(db, refused=())
    close(db, made)
    before, signed = printed(db, made), value(db, made)
    at = datetime(2026, 6, 20, 8, 0, tzinfo=UTC)
    with db.transaction() as session:
        text = "La séance s’est tenue à Lyon, et non à Bordeaux."
        minutes.rectify(session, made.hearing_id, text, by=made.certifier.id, at=at)
    after = printed(db, made)
    assert "Rectifications inscrites depuis" not in before
    assert "20 juin 2026 à 10 h 00, par Hélène Roche La séance s’est tenue à Lyon" in after
    assert after.index("SIGNATURE DE LA PRÉSIDENCE") < after.index("tenue à Lyon")
    assert replace(value(db, made), rectifications=(), drawn_at=signed.drawn_at) == signed


def test_a_refusal_without_recommendation_is_printed_with_its_reason(db: Database) -> None:
    made = scene(db, refused=(2,))
    why = "Le bloc est à reprendre en entier, par une formation."
    decide(db, made, made.blocks[1], replace(NOT_VALIDATED, recommendation="", no_recommendation=why), revision=1)
    close(db, made)
    assert f"Sans préconisation. {why}" in printed(db, made)


def test_who_signed_and_who_rectified_bear_the_names_of_the_composition(db: Database) -> None:
    made = scene(db, refused=())
    close(db, made)
    with db.transaction() as session:
        minutes.rectify(session, made.hearing_id, "Une date était fausse.", by=made.president.id, at=ON_THE_DAY)
        minutes.rectify(
            session, made.hearing_id, "Une autre aussi.", by=made.certifier.id, at=ON_THE_DAY + timedelta(days=1)
        )
        session.get_one(Person, made.president.id).name = "Nom d’ailleurs"  # as another body typed it first
    with db.reader() as session:
        paper = find_minutes_data(session, made.hearing_id)
        shown = minutes.load_minutes_page(session, made.hearing_id)
    typed = FIVE[0].name
    assert (paper.signed_by, shown.signed_by) == (typed, typed)
    assert [rectification.author for rectification in paper.rectifications] == [typed, made.certifier.name]
    assert [rectification.author for rectification in shown.rectifications] == [typed, made.certifier.name]
