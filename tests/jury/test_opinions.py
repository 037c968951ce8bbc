"""Opinions before the deliberation: nobody reads one early, by page, count or state; then divergences come first."""

from datetime import timedelta
from io import BytesIO
from urllib.parse import urlencode
from uuid import UUID
from zipfile import ZipFile

import pytest
from flask import Flask

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import FindingValue, JuryRefusal
from portfolio.domain.jury.rules.opinions import (
    ComparedOpinions,
    InterviewInput,
    InterviewKind,
    MemberOpinion,
    OpinionInput,
    all_given,
    divergences_first,
)
from portfolio.domain.jury_session.use_cases import deliberation, interview, live, suspension
from portfolio.domain.jury_session.use_cases.declarations import load_member_states
from portfolio.domain.jury_session.use_cases.seats import note_presence
from portfolio.errors import Conflict, Refusal
from portfolio.web.clock import now
from tests.jury.builders import (
    NOT_VALIDATED,
    ON_THE_DAY,
    REFUSED,
    SEALED_AT,
    Scene,
    close,
    decide,
    deliberate,
    find,
    scene,
)
from tests.jury.pages import as_member, block, competency, hearing, staged
from tests.page import CheckedClient

ACQUIRED, PARTIALLY, NOT_ACQUIRED = FindingValue
SECRET = "Je doute de ce budget."


def compared(number: int, *values: FindingValue) -> ComparedOpinions:
    given = tuple(MemberOpinion(UUID(int=index), f"M{index}", value, "") for index, value in enumerate(values))
    return ComparedOpinions(UUID(int=number), f"1.{number}", "", given)


def test_the_widest_divergence_comes_first():
    agreed, near, apart = (
        compared(1, ACQUIRED, ACQUIRED),
        compared(2, ACQUIRED, PARTIALLY),
        compared(3, ACQUIRED, NOT_ACQUIRED),
    )
    assert divergences_first([agreed, near, apart]) == (apart, near, agreed)
    assert not all_given([], [])


def opine(db: Database, made: Scene, seat: Seat, value: FindingValue = ACQUIRED, *, give: bool = True) -> None:
    by = made.members[seat].id
    with db.transaction() as session:
        for one in made.competencies:
            opinion = OpinionInput(value, SECRET if value is NOT_ACQUIRED else "")
            deliberation.record_opinion(session, made.hearing_id, one.id, opinion, revision=0, by=by, at=ON_THE_DAY)
        if give:
            deliberation.give_opinions(session, made.hearing_id, by=by, at=ON_THE_DAY)


def shown(db: Database, made: Scene) -> tuple[ComparedOpinions, ...]:
    with db.reader() as session:
        row = session.get_one(Hearing, made.hearing_id)
        return deliberation.compared_opinions(session, row, load_member_states(session, row))


def test_opinions_are_shown_when_the_last_member_present_gives_theirs(db: Database):
    made = scene(db)
    seats = list(made.members)
    for seat in seats[:-1]:
        opine(db, made, seat)
        assert shown(db, made) == ()
    opine(db, made, seats[-1], NOT_ACQUIRED)
    first = shown(db, made)[0]
    assert first.spread == 2
    assert len(first.opinions) == 5


@pytest.mark.records("juror_opinion_recorded", "juror_opinions_given")
def test_given_opinions_do_not_change_and_incomplete_ones_are_not_given(db: Database):
    made = scene(db)
    teacher, one = made.members[Seat.TEACHER_TRAINER].id, made.competencies[0].id
    with db.transaction() as session:
        deliberation.record_opinion(
            session, made.hearing_id, one, OpinionInput(ACQUIRED), revision=0, by=teacher, at=ON_THE_DAY
        )
        with pytest.raises(Conflict):
            deliberation.record_opinion(
                session, made.hearing_id, one, OpinionInput(PARTIALLY), revision=0, by=teacher, at=ON_THE_DAY
            )
        with pytest.raises(Refusal) as missing:
            deliberation.give_opinions(session, made.hearing_id, by=teacher, at=ON_THE_DAY)
        assert missing.value.facts["number"] == len(made.competencies) - 1
    opine_rest(db, made, teacher)
    with pytest.raises(Refusal) as given, db.transaction() as session:
        deliberation.record_opinion(
            session, made.hearing_id, one, OpinionInput(PARTIALLY), revision=1, by=teacher, at=ON_THE_DAY
        )
    assert given.value.code is JuryRefusal.OPINIONS_GIVEN


def opine_rest(db: Database, made: Scene, by: UUID) -> None:
    with db.transaction() as session:
        for one in made.competencies[1:]:
            deliberation.record_opinion(
                session, made.hearing_id, one.id, OpinionInput(ACQUIRED), revision=0, by=by, at=ON_THE_DAY
            )
        deliberation.give_opinions(session, made.hearing_id, by=by, at=ON_THE_DAY)


def test_the_president_opens_them_after_giving_their_own_on_the_day(db: Database):
    made = scene(db)
    opine(db, made, Seat.TEACHER_TRAINER, NOT_ACQUIRED)

    def open_at(at):
        with db.transaction() as session:
            deliberation.open_opinions(session, made.hearing_id, by=made.president.id, at=at)

    with pytest.raises(Refusal) as first:
        open_at(ON_THE_DAY)
    assert first.value.code is JuryRefusal.OPINIONS_YOURS_FIRST
    opine(db, made, Seat.PRESIDENT)
    with pytest.raises(Refusal) as early:
        open_at(ON_THE_DAY - timedelta(days=2))
    assert early.value.code is JuryRefusal.BEFORE_THE_DAY
    open_at(ON_THE_DAY)
    assert {opinion.value for opinion in shown(db, made)[0].opinions} == {ACQUIRED, NOT_ACQUIRED}


def test_a_departure_opens_what_only_the_absent_had_not_given(db: Database):
    made = scene(db, jury={"quorum": 3})
    seats = [seat for seat in made.members if seat is not Seat.TEACHER_TRAINER]
    for seat in seats:
        opine(db, made, seat)
    assert shown(db, made) == ()
    with db.transaction() as session:
        there = [made.members[seat].id for seat in seats]
        note_presence(session, made.hearing_id, there, "heard", by=made.certifier.id, at=ON_THE_DAY)
    assert shown(db, made)


def test_what_is_hidden_never_changes_the_state_that_screens_poll(db: Database):
    made = scene(db)
    one, teacher = made.competencies[0].id, made.members[Seat.TEACHER_TRAINER].id

    def fingerprint() -> str:
        with db.reader() as session:
            return live.live_fingerprint(session, made.hearing_id)

    before = fingerprint()
    with db.transaction() as session:
        deliberation.record_opinion(
            session, made.hearing_id, one, OpinionInput(ACQUIRED), revision=0, by=teacher, at=ON_THE_DAY
        )
    assert fingerprint() == before
    with db.transaction() as session:
        deliberation.record_opinion(
            session, made.hearing_id, one, OpinionInput(PARTIALLY), revision=1, by=teacher, at=ON_THE_DAY
        )
    assert fingerprint() == before
    find(db, made, made.competencies[0])
    assert fingerprint() != before


@pytest.mark.records("hearing_adjourned", "hearing_resumed")
def test_the_interview_sheet_and_the_course_are_in_the_minutes(db: Database):
    made = scene(db)
    entry = InterviewInput(
        InterviewKind.PRACTICAL_CASE,
        "Chiffrez ce budget.",
        "Un budget en trois postes.",
        made.president.id,
        made.competencies[0].id,
    )
    with pytest.raises(Refusal), db.transaction() as session:
        interview.write_entry(session, made.hearing_id, entry, by=made.president.id, at=SEALED_AT)
    with db.transaction() as session:
        row = interview.write_entry(session, made.hearing_id, entry, by=made.president.id, at=ON_THE_DAY)
        changed = InterviewInput(InterviewKind.INTERVIEW, "Autre", "Autre")
        with pytest.raises(Conflict):
            interview.change_entry(
                session,
                made.hearing_id,
                row.id,
                changed,
                revision=0,
                by=made.members[Seat.TEACHER_TRAINER].id,
                at=ON_THE_DAY,
            )
        suspension.adjourn(session, made.hearing_id, "Panne de courant.", None, by=made.president.id, at=ON_THE_DAY)
    with pytest.raises(Refusal) as adjourned:
        find(db, made, made.competencies[0])
    assert adjourned.value.code is JuryRefusal.ADJOURNED
    with pytest.raises(Refusal):
        close(db, made)
    everyone = [member.id for member in made.members.values()]
    with db.transaction() as session:
        suspension.resume(session, made.hearing_id, everyone, by=made.president.id, at=ON_THE_DAY + timedelta(hours=1))
    deliberate(db, made)
    close(db, made)
    with db.reader() as session:
        record = session.query(Minutes).one().composition
        assert record["interview"][0]["heard"] == "Un budget en trois postes."
        assert record["interview"][0]["asked_by"] == made.president.name
        assert record["course"]["adjournments"][0]["reason"] == "Panne de courant."


def test_a_member_reads_no_opinion_of_another_before_they_are_open(client: CheckedClient, app: Flask, store: Database):
    made = staged(store)
    as_member(client, made, Seat.TEACHER_TRAINER)
    typed = {"opinion": "not_acquired", "comment": SECRET}
    answer = client.send(f"{competency(made)}/avis", typed, form=competency(made))
    assert answer.headers["Location"] == f"{competency(made)}#mon-avis"
    assert SECRET in client.page(hearing(made, "/avis")).text
    president = as_member(app.test_client(), made)
    for path in ("", "/avis", "/deliberation", "/deliberation/etat", "/apercu", "/entretien", "/presence", "/pieces"):
        assert SECRET not in president.get(hearing(made, path)).text, path
    assert SECRET not in president.get(competency(made)).text
    assert client.send(hearing(made, "/avis"), {"sure": "y"}).status_code == 409


def test_members_are_listed_from_the_presidency_on_in_the_order_of_the_seats(db: Database):
    made = scene(db)
    with db.reader() as session:
        page = live.load_live_state(session, made.hearing_id).page
    assert [state.member.seat for state in page.sitting] == [
        Seat.PRESIDENT,
        *(seat for seat in made.members if seat is not Seat.PRESIDENT),
    ]


def test_the_live_page_answers_304_until_something_changes(client: CheckedClient, store: Database):
    made = staged(store)
    opine(store, made, Seat.TEACHER_TRAINER)
    as_member(client, made, Seat.TEACHER_TRAINER)
    page = client.page(hearing(made, "/deliberation"))
    assert "Les avis restent cachés" in page.text
    first = client.get(hearing(made, "/deliberation/etat"))
    again = client.get(hearing(made, "/deliberation/etat"), headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    find(store, made, made.competencies[0])
    changed = client.get(hearing(made, "/deliberation/etat"), headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert "acquise" in changed.text
    assert client.get(hearing(made, "/suspension")).status_code == 403


PATHS = ("", "/parcours", "/experiences", "/pieces", "/recherche?q=budget", "/notes", "/avis", "/deliberation")


def drafted(store: Database, made: Scene) -> None:
    """The president notes that one competency is not acquired, and refuses its block."""
    find(store, made, made.competencies[0], REFUSED)
    decide(store, made, made.blocks[0], NOT_VALIDATED)


def everything(client: CheckedClient, made: Scene) -> str:
    """Every page of the hearing, the part that is polled, and the list of juries."""
    pages = [*(hearing(made, path) for path in PATHS), competency(made), block(made), "/jurys"]
    shown = [client.page(page) for page in pages]
    polled = client.get(hearing(made, "/deliberation/etat")).text
    done = " ".join(link.get("class", "") for page in shown for link in page.all("li"))
    return " ".join([*(page.text for page in shown), polled, done])


@pytest.mark.slow
def test_a_member_sees_no_draft_of_the_presidency_before_giving_their_own_opinions(
    app: Flask, client: CheckedClient, store: Database
):
    made = staged(store)
    second = as_member(app.test_client(), made, Seat.TEACHER_TRAINER)
    as_member(client, made, Seat.TEACHER_TRAINER)
    before = everything(client, made)
    polled = client.get(hearing(made, "/deliberation/etat")).headers["ETag"]
    drafted(store, made)
    for browser in (client, second):
        assert everything(browser, made) == before, "no finding, no decision, no count, no coloured dot"
    again = client.get(hearing(made, "/deliberation/etat"), headers={"If-None-Match": polled})
    assert again.status_code == 304, "nor that something was noted"
    assert client.get(hearing(made, "/apercu")).headers["Location"] == hearing(made)

    opine(store, made, Seat.TEACHER_TRAINER)
    after = everything(client, made)
    assert REFUSED.reason in after
    assert "brouillon de la présidence" in after
    assert "Ce que la clôture accorderait" in client.page(hearing(made, "/apercu")).text


@pytest.mark.records("juror_opinions_opened")
def test_drafts_are_shown_to_all_once_the_opinions_are_open_and_before_then_not_on_the_shared_screen(
    client: CheckedClient, store: Database
):
    made = staged(store)
    drafted(store, made)
    as_member(client, made)
    room = hearing(made, "/deliberation?ecran=partage")
    assert REFUSED.reason in client.page(hearing(made, "/deliberation")).text, "who presides reads their own"
    assert REFUSED.reason not in client.page(room).text
    opine(store, made, Seat.PRESIDENT)
    with store.transaction() as session:
        deliberation.open_opinions(session, made.hearing_id, by=made.president.id, at=now())
    shown = client.page(room).text
    assert REFUSED.reason in shown
    assert "Aucun désaccord." in shown
    client.send("/deconnexion", form=room)
    as_member(client, made, Seat.TEACHER_TRAINER)
    assert REFUSED.reason in client.page(competency(made)).text


def test_the_president_leads_the_vote_and_the_adjournment_from_the_page(client: CheckedClient, store: Database):
    made = staged(store)
    as_member(client, made)
    page = hearing(made, "/deliberation")
    assert client.send(hearing(made, f"/blocs/{made.blocks[0].id}/vote"), {}, form=page).status_code == 303
    assert "a voté sur 5" in client.page(page).text
    action = next(form["action"] for form in client.page(page).all("form") if "/votes/" in form["action"])
    assert client.send(action, {"choice": "for"}, form=page).status_code == 303
    assert "1 membre a voté sur 5" in client.page(page).text
    assert client.send(f"{action}/cloture", {}, form=page).status_code == 303
    assert "1 voix pour, 0 voix contre, 4 abstentions" in client.page(page).text
    assert client.send(hearing(made, "/suspension"), {"reason": "Pause."}).status_code == 303
    assert "Séance suspendue" in client.page(page).text
    present = {"present": str(made.president.id)}
    assert client.send(hearing(made, "/reprise"), present, form=hearing(made, "/suspension")).status_code == 303
    assert "Le jury ne peut pas décider maintenant" in client.page(page).text


def exported(client: CheckedClient, made: Scene) -> bytes:
    """Every file that a member may take: the minutes, their own data, the files of the dossier's search."""
    archive = ZipFile(BytesIO(client.get("/mes-donnees/archive.zip").data))
    files = [archive.read(name) for name in archive.namelist()]
    minutes = client.get(hearing(made, "/proces-verbal.pdf"))
    assert minutes.status_code == 404, "nothing is printed before the closing"
    return b"\n".join([*files, minutes.data])


@pytest.mark.slow
def test_a_juror_who_tries_with_two_browsers_finds_no_draft_by_search_polling_or_export(
    client: CheckedClient, store: Database
):
    made = staged(store)
    reader: CheckedClient = client.application.test_client()  # type: ignore[assignment]
    president: CheckedClient = client.application.test_client()  # type: ignore[assignment]
    as_member(reader, made, Seat.TEACHER_TRAINER)
    as_member(president, made)
    state, words = hearing(made, "/deliberation/etat"), REFUSED.reason.split()
    before, tag = reader.get(state).text, reader.get(state).headers["ETag"]
    drafted(store, made)
    # The other member's opinion, written and not given, stays hidden from both as well.
    opine(store, made, Seat.EMPLOYEE_REPRESENTATIVE, NOT_ACQUIRED, give=False)
    for secret in (REFUSED.reason, SECRET):
        found = reader.page(hearing(made, f"/recherche?{urlencode({'q': secret})}"))
        assert not found.all("mark"), f"a search for {secret}"
        assert secret not in "".join(found.texts).replace(secret, "", 1), "but for the words typed"
        assert secret.encode() not in exported(reader, made)
    assert words
    assert reader.get(state).text == before
    assert reader.get(state, headers={"If-None-Match": tag}).status_code == 304
    assert NOT_VALIDATED.reason not in everything(reader, made)
    assert REFUSED.reason in president.page(competency(made)).text, "who presides reads their own"
    assert SECRET not in everything(president, made)


@pytest.mark.records("interview_entry_changed", "interview_entry_written")
def test_another_member_corrects_a_line_of_the_interview(db: Database):
    made = scene(db)
    written, corrected = (
        InterviewInput(InterviewKind.INTERVIEW, "Quel budget ?", heard) for heard in ("Deux", "Trois")
    )
    teacher = made.members[Seat.TEACHER_TRAINER].id
    with db.transaction() as session:
        row = interview.write_entry(session, made.hearing_id, written, by=made.president.id, at=ON_THE_DAY)
        there = (session, made.hearing_id, row.id)
        interview.change_entry(*there, corrected, revision=row.revision, by=teacher, at=ON_THE_DAY)
    with db.reader() as session:
        assert [entry.heard for entry in interview.list_entries(session, made.hearing_id)] == ["Trois"]
