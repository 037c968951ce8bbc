"""The conflict cases of a peer-review system, replayed: each kind of conflict × each way to a dossier and to
what its jury writes.

A juror of « heard » has read, noted, given an opinion and written a line of the interview sheet. Then a
conflict is known.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from portfolio.domain.account.models import Person
from portfolio.domain.admissibility.use_cases.opening import assign_advisor
from portfolio.domain.candidacy.models import AdvisorAssignment, Submission
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.jury.models.deliberation import JurorNote, OpinionsGiven, OpinionsOpened
from portfolio.domain.jury.models.pool import Juror, JurorConflict
from portfolio.domain.jury.models.sessions import Hearing, JuryMember
from portfolio.domain.jury.rules.enums import JuryRefusal, StatementKind
from portfolio.domain.jury.rules.juror_card import ConflictKind
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury.rules.passage import SendingReason
from portfolio.domain.jury_session.use_cases import declarations, letters, new_version, pool, propose_day, reading
from portfolio.domain.search.models import SearchEntry
from portfolio.errors import Refusal
from portfolio.web.clock import now
from tests.rights.application import Installation
from tests.rights.leak_markers import Canary, in_text
from tests.rights.table import TABLE, Line
from tests.rights.visibility import kind_of

WHO, HEARD, OTHER = "employee north", "heard", "closed"
# Nothing of these is for a juror who has a conflict with the candidate.
WITHHELD = {"told", "decided", "jurornote", "opinion", "heardline", "recusal", "paper"}
# What a member reads before any declaration, and after a recusal: the candidate's name, and what they
# declare.
BEFORE_READING = {"juror.hearing.hearing", "juror.hearing.declaration_form", "juror.hearing.recusal_form"}
# What the juror still reads of another candidate: a text, a file, a page image, a document, a search, their
# notes.
STILL_READ = {
    "juror.hearing.texts",
    "juror.hearing.exhibit_file",
    "juror.hearing.exhibit_page",
    "juror.hearing.search",
    "juror.hearing.note_page",
    "account.downloads.minutes",
}


@pytest.fixture
def here(installed: Installation) -> Installation:
    return installed


def card_of(here: Installation, who: str = WHO) -> UUID:
    """Return the card of a member in the pool."""
    with here.store.reader() as session:
        email = session.get_one(Person, here.world.people[who]).email
        return session.scalars(select(Juror.id).where(Juror.email == email)).one()


def record(here: Installation, kind: ConflictKind, who: str = WHO, tag: str = HEARD) -> None:
    """The certifier records a conflict on the card."""
    body = {"csrf_token": here.token, "nonce": uuid4().hex, "kind": str(kind)}
    body["candidate_id"] = str(here.world.people[f"candidate {tag}"])
    answer = here.browser("certifier").post(f"/jures/{card_of(here, who)}/liens-candidats", data=body)
    assert answer.status_code == 303, answer.text


def work_at(here: Installation, employer: str, who: str = WHO) -> None:
    """The juror's card gets another employer; every candidate of the story worked at « Agence »."""
    with here.store.transaction() as session:
        juror = session.get_one(Juror, card_of(here, who))
        card = replace(juror.to_value(), employer=employer)
        pool.change_juror(session, juror, card, revision=juror.revision, by=None, at=now())


def advised(here: Installation, who: str = WHO) -> None:
    """It is recorded that the juror accompanied the candidate once."""
    with here.store.transaction() as session:
        path = here.world.places[HEARD]["candidacy_id"]
        session.add(AdvisorAssignment(candidacy_id=path, person_id=here.world.people[who], assigned_at=now()))


def recuse(here: Installation, who: str = WHO) -> None:
    """The juror recuses."""
    state(here, StatementKind.RECUSAL, who)


def state(here: Installation, kind: StatementKind, who: str = WHO, by: str | None = None) -> None:
    with here.store.transaction() as session:
        said = MemberDeclarations(here.world.people[who], kind)
        hearing = here.world.places[HEARD]["hearing_id"]
        declarations.record_statement(session, hearing, said, by=here.world.people[by or who], at=now())


Conflict = Callable[..., None]


def recorded(kind: ConflictKind) -> Conflict:
    return lambda here, who=WHO: record(here, kind, who)


CONFLICTS: dict[str, Conflict] = {
    **{str(kind): recorded(kind) for kind in ConflictKind},
    "same employer": lambda here, who=WHO: work_at(here, "AGENCE", who),
    "accompanied once": advised,
    "recusal": recuse,
}
each_conflict = pytest.mark.parametrize("conflict", CONFLICTS)


_FOUND: dict[str, dict[str, str]] = {}


def ways_in(here: Installation, tag: str) -> dict[str, str]:
    """Every page and file of the table that the juror opens about a candidate, with a search; looked for once
    a process.
    """
    if tag not in _FOUND:
        _FOUND[tag] = _opened(here, tag)
    return _FOUND[tag]


def _opened(here: Installation, tag: str) -> dict[str, str]:
    lines = [line for line in TABLE if line.method == "GET" and "juror" in line.may and tag in line.only]
    found = {
        line.endpoint: here.url(line, tag)
        for line in lines
        if here.rule(line).arguments & {"hearing_id", "submission_id"}
    }
    ways = {
        name: url
        for name, url in found.items()
        if url and here.browser("juror").get(url, buffered=True).status_code == 200
    }
    ways["juror.hearing.search"] += f"?q={Canary(tag, 'title')}"
    assert len(ways) >= 18, sorted(ways)
    assert WITHHELD & {kind_of(canary) for url in ways.values() for canary in seen(here, "juror", url, tag)} >= {
        "told",
        "jurornote",
    }
    return ways


def seen(here: Installation, who: str, url: str, tag: str = HEARD) -> set[Canary]:
    """Return what an answer shows of one candidate that is withheld from who has a conflict; the answer to a search
    repeats its words.
    """
    shown = here.world.planted.seen_in(here.browser(who).get(url, buffered=True)) - in_text(url)
    return {canary for canary in shown if canary.owner == tag and kind_of(canary) in WITHHELD}


@pytest.mark.slow
@each_conflict
def test_a_conflict_closes_every_way_in_at_once_and_no_other_candidate(here: Installation, conflict: str):
    ways = ways_in(here, HEARD)
    others = {name: url for name, url in ways_in(here, OTHER).items() if name in STILL_READ}
    assert len(others) == len(STILL_READ)
    CONFLICTS[conflict](here)
    juror = here.browser("juror")
    for endpoint, url in ways.items():
        expected = {200, 303} if endpoint in BEFORE_READING else {403, 404}
        assert juror.get(url, buffered=True).status_code in expected, endpoint
        assert not seen(here, "juror", url), endpoint
    assert {name: juror.get(url, buffered=True).status_code for name, url in others.items()} == dict.fromkeys(
        others, 200
    )


@each_conflict
def test_a_conflict_closes_every_write_at_once(here: Installation, conflict: str):
    lines = [line for line in TABLE if line.method == "POST" and "juror" in line.may and HEARD in line.only]
    writes = [line for line in lines if "hearing_id" in here.rule(line).arguments and not may_after(line)]
    assert len(writes) >= 7
    CONFLICTS[conflict](here)
    before = here.digest()
    body = {
        "csrf_token": here.token,
        "sworn": "y",
        "sure": "y",
        "text": "x",
        "comment": "x",
        "heard": "x",
        "revision": "1",
    }
    for line in writes:
        answer = here.browser("juror").post(str(here.url(line, HEARD)), data=body, buffered=True)
        assert answer.status_code in {403, 404}, line.endpoint
    assert not here.changed_since(before)


def may_after(line: Line) -> bool:
    """Return what a member who has a conflict may still send: a declaration, that another rule refuses, or a
    recusal.
    """
    return line.endpoint in {"juror.hearing.save_declaration", "juror.hearing.recuse", "juror.hearing.withdraw_recusal"}


@each_conflict
def test_nothing_that_they_wrote_stays_in_the_deliberation(here: Installation, conflict: str):
    place = here.world.places[HEARD]
    hearing = place["hearing_id"]
    with here.store.transaction() as session:
        session.add(OpinionsGiven(hearing_id=hearing, person_id=here.world.people[WHO], given_at=now()))
        session.add(OpinionsOpened(hearing_id=hearing, opened_at=now()))
    pages = ["deliberation", "deliberation/etat", "entretien", f"entretien/{place['entry_id']}", "apercu"]
    pages += [f"competences/{place['competency_id']}", f"blocs/{place['block_id']}"]
    theirs = {Canary(HEARD, "opinion"), Canary(HEARD, "heardline")}

    def shown() -> set[Canary]:
        answers = [here.browser("president").get(f"/jurys/{hearing}/{page}", buffered=True) for page in pages]
        return {canary for answer in answers for canary in here.world.planted.seen_in(answer)} & theirs

    assert shown() == theirs
    CONFLICTS[conflict](here)
    assert not shown()


@each_conflict
def test_what_a_president_drafted_is_no_longer_read_either(here: Installation, conflict: str):
    place = here.world.places[HEARD]
    hearing, president = place["hearing_id"], "president north"
    pages = [f"competences/{place['competency_id']}", f"blocs/{place['block_id']}", "apercu", "deliberation"]
    drafted = {Canary(HEARD, "finding"), Canary(HEARD, "reason"), Canary(HEARD, "advice")}

    def shown() -> set[Canary]:
        answers = [here.browser("juror").get(f"/jurys/{hearing}/{page}", buffered=True) for page in pages]
        return {canary for answer in answers for canary in here.world.planted.seen_in(answer)} & drafted

    with here.store.transaction() as session:
        # Before their opinions are given, a member reads no draft at all.
        juror = here.world.people[WHO]
        session.add(OpinionsGiven(hearing_id=hearing, person_id=juror, given_at=now()))
    assert shown()
    CONFLICTS[conflict](here, who=president)
    assert not shown()


@each_conflict
def test_the_lists_the_letters_and_the_proposal_of_a_day_say_nothing_of_the_dossier(here: Installation, conflict: str):
    place = here.world.places[HEARD]
    CONFLICTS[conflict](here)
    assert here.browser("juror").get("/jurys").status_code == 200
    assert not seen(here, "juror", "/jurys")
    assert ("récusation" if conflict == "recusal" else "lien connu") in here.browser("juror").get("/jurys").text
    who, at = here.world.people[WHO], now() + timedelta(minutes=1)
    with here.store.transaction() as session:
        hearing = session.get_one(Hearing, place["hearing_id"])
        member = session.scalars(
            select(JuryMember).where(JuryMember.session_id == hearing.session_id, JuryMember.person_id == who)
        ).one()
        letters.summon_member(session, member, hearing.session, at=at, reason=SendingReason.REMINDER)
        new_version.read_new_version(
            session, hearing, session.get_one(Submission, place["submission_id"]), by=who, at=at
        )
        session.flush()
        queued = session.scalars(
            select(OutgoingEmail).where(OutgoingEmail.person_id == who, OutgoingEmail.created_at >= at)
        ).all()
        written = " ".join(repr(vars(letter)) for letter in queued)
        assert len(queued) == 1, "the summons of the session, and no letter about the new version"
        assert not {canary for canary in in_text(written) if canary.owner == HEARD}
    with here.store.reader() as session:
        scene = propose_day.load_day_scene(session, place["session_id"])
        assert card_of(here) in scene.candidates[place["hearing_id"]].barred


def test_a_juror_who_sits_does_not_become_the_advisor_of_the_candidate(here: Installation):
    place, by = here.world.places[HEARD], here.world.people["certifier north"]
    with here.store.reader() as session:
        person = session.get_one(Person, here.world.people[WHO])
        juror = PersonInput(person.email, person.name)
    with pytest.raises(Refusal), here.store.transaction() as session:
        assign_advisor(session, place["candidacy_id"], juror, by=by, at=now())


PINNED = [str(kind) for kind in ConflictKind]


@pytest.mark.parametrize("kind", PINNED)
def test_what_the_certifier_recorded_the_juror_cannot_remove(here: Installation, kind: str):
    CONFLICTS[kind](here)
    juror, hearing, card = here.browser("juror"), here.world.places[HEARD]["hearing_id"], card_of(here)
    with here.store.reader() as session:
        conflict = session.scalars(select(JurorConflict.id)).one()
    body = {"csrf_token": here.token, "nonce": uuid4().hex, "reason": "x", "sure": "y", "kind": "no_relation"}
    before = here.digest()
    for path in (
        f"/jures/{card}/liens-candidats/{conflict}/retirer",
        f"/jures/{card}/liens-candidats/{conflict}/ecarter",
    ):
        assert juror.post(path, data=body).status_code == 404
    assert juror.post(f"/jurys/{hearing}/recusation/retrait", data=body).status_code == 409
    assert not here.changed_since(before)
    work_at(here, "Ailleurs")
    assert juror.get(f"/jurys/{hearing}/parcours").status_code == 403, "another employer changes nothing of it"
    page = here.browser("juror").get(f"/jurys/{hearing}/declaration").text
    assert "L’organisme certificateur a noté un lien entre vous et" in page


def test_a_juror_with_a_known_conflict_declares_nothing_but_a_recusal(here: Installation):
    place = here.world.places["called"]
    record(here, ConflictKind.PERSONAL, "president north", "called")
    body = {"csrf_token": here.token, "nonce": uuid4().hex, "kind": "no_relation"}
    answer = here.browser("president").post(f"/jurys/{place['hearing_id']}/declaration", data=body)
    assert answer.status_code == 409
    assert "a noté un lien" in answer.text
    answer = here.browser("president").post(
        f"/jurys/{place['hearing_id']}/recusation", data=body | {"nonce": uuid4().hex, "sure": "y"}
    )
    assert answer.status_code == 303


def test_what_the_juror_declared_the_certifier_cannot_remove(here: Installation):
    recuse(here)
    with pytest.raises(Refusal) as found:
        state(here, StatementKind.RECUSAL_WITHDRAWN, by="certifier north")
    assert found.value.code is JuryRefusal.RECUSAL_IS_THEIRS
    record(here, ConflictKind.OTHER)
    with here.store.reader() as session:
        conflict = session.scalars(select(JurorConflict.id)).one()
    body = {"csrf_token": here.token, "nonce": uuid4().hex}
    path = f"/jures/{card_of(here)}/liens-candidats/{conflict}/retirer"
    assert here.browser("certifier").post(path, data=body).status_code == 303
    assert here.browser("juror").get(f"/jurys/{here.world.places[HEARD]['hearing_id']}/parcours").status_code == 403


def test_a_shared_employer_ends_with_the_employer_and_is_set_aside_by_the_certifier_only(here: Installation):
    hearing = here.world.places[HEARD]["hearing_id"]
    reads = lambda: here.browser("juror").get(f"/jurys/{hearing}/parcours").status_code  # noqa: E731
    work_at(here, "Agence SARL")
    assert reads() == 403
    assert "même employeur" in here.browser("juror").get(f"/jurys/{hearing}/declaration").text
    work_at(here, "Atelier du Nord")
    assert reads() == 200
    work_at(here, "agence")
    assert reads() == 403
    with here.store.reader() as session:
        mine = select(JurorConflict).where(JurorConflict.juror_id == card_of(here))
        conflict = session.scalars(
            mine.where(JurorConflict.candidate_id == here.world.people[f"candidate {HEARD}"])
        ).one()
        assert (conflict.kind, conflict.is_pinned, conflict.recorded_by) == (ConflictKind.INSTITUTION, False, None)
    path = f"/jures/{card_of(here)}/liens-candidats/{conflict.id}/ecarter"
    body = {"csrf_token": here.token, "nonce": uuid4().hex, "reason": "Deux agences sans rapport."}
    assert here.browser("certifier south").get(path).status_code == 404
    assert here.browser("juror").post(path, data=body).status_code == 404
    assert here.browser("certifier").get(path).status_code == 200
    assert here.browser("certifier").post(path, data=body | {"reason": " "}).status_code == 422
    assert here.browser("certifier").post(path, data=body).status_code == 303
    assert reads() == 200
    assert "Deux agences sans rapport." in here.browser("certifier").get(f"/jures/{card_of(here)}").text
    assert here.browser("certifier").get(path).status_code == 404, "it is set aside once"


def test_a_conflict_known_after_the_closing_closes_what_was_still_readable(here: Installation):
    ways = ways_in(here, OTHER)
    record(here, ConflictKind.PERSONAL, tag=OTHER)
    for endpoint, url in ways.items():
        expected = {200, 303} if endpoint in BEFORE_READING else {403, 404}
        assert here.browser("juror").get(url, buffered=True).status_code in expected, endpoint
        assert not seen(here, "juror", url, OTHER), endpoint


def test_the_private_notes_of_a_jury_end_with_the_reading(here: Installation):
    hearing = here.world.places[OTHER]["hearing_id"]
    with here.store.transaction() as session:
        closed = session.get_one(Hearing, hearing).closed_at
        assert closed is not None
        notes = select(JurorNote).where(JurorNote.hearing_id == hearing)
        assert session.scalars(notes).one().text == str(Canary(OTHER, "jurornote"))
        indexed = select(SearchEntry.id).where(SearchEntry.words.contains("jurornote"))
        assert not session.scalars(indexed).all(), "no note is ever in the search index"
        assert reading.purge_notes(session, closed_before=closed + timedelta(minutes=1)) >= 1
        assert not session.scalars(notes).all()
