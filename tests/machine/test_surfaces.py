"""Check what every page and paper about one person says today, side by side: no two contradict."""

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pymupdf
import pytest
from sqlalchemy import select

from portfolio.documents import typesetting
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.holdings.models.events import Appeal
from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.holdings.rules.status_changes import AppealInput, AppealKind, AppealOutcome, StatusChangeKind
from portfolio.domain.holdings.use_cases import appeals
from portfolio.domain.jury_session.use_cases import letters
from tests.machine import pages
from tests.machine.machine import Chosen, HearingMachine
from tests.machine.model import ABSENT, FOR, REFUSED, VALIDATED
from tests.machine.test_hearing_machine import machine
from tests.machine.world import SETTINGS
from tests.thoroughness import in_turn

pytestmark = pytest.mark.slow

__all__ = ["machine"]
LIMITED, PLAIN = SETTINGS[0], SETTINGS[1]
# What a page of today says of a block that is held, or of a decision that gives certificates.
VALID = r"Ce certificat est valide|Acquis définitivement|Le bloc est acquis|Tout ce que vous présentiez"
DELIVERED = r"certificats qui en découlent sont délivrés"
# What was waited for, once it has come.
DECIDED_AGAIN = r"un autre jury en a décidé le 19 juin 2026 \(procès-verbal PV-[^)]+\)"
WAITS = r"attend (un autre jury|une autre session)|autre jury (peut en décider|en décide|doit en décider)"
# What keeps the words of its day, or holds such a letter.
DATED = (*(f"paper of the {name}" for name in ("letter", "absence", "answer", "receipt")), "archive", "e-mails")
# The text of a letter is that of its day.
FROZEN = r"<div class=\"card letter\">.*"
# An e-mail says that something waits, never the result.
RESULT = r"validé|acquis (définitivement|depuis)|annulé|retiré|accueilli|rejeté"
# Papers whose words depend on what became of them since are typeset; of the others, the words suffice.
TYPESET = ("certificate", "parchment")
# What an archive holds of others' words: the sealed dossier, the entry, the letters of their day, the rows as they are.
OTHERS = r"\.css$|^dossier-scelle|/depots/|/preuves/|^certification/|notification\.pdf$|(?i:empreintes)|(faits|donnees)\.json$"


@dataclass
class Moment:
    """What each surface says of a person at one moment, and what none of them says."""

    says: dict[str, str]
    never: tuple[str, ...] = ()
    # What was true on the day of a letter or of an e-mail, and what nothing else says today.
    past: tuple[str, ...] = ()


def decide(told: HearingMachine, *outcomes: str, letter: bool = True) -> None:
    """The jury decides each block, the minutes are closed, and the letter goes."""
    for number, outcome in enumerate(outcomes, 1):
        if number in told.undecided:
            told.find(number, outcome == VALIDATED)
            told.decide(number, outcome)
    assert told.close()[0]
    for row in told.waiting if letter else ():
        told.send(row)


def lapsed(told: HearingMachine) -> Iterator[Moment]:
    """A block lapses, is presented again and refused; an equivalence with it revives nothing."""
    told.begin(LIMITED, 5, 1)
    decide(told, VALIDATED, REFUSED)
    told.clock_forward(75)
    ended = "18 août 2026"
    paper = {"paper of the certificate": "Valable jusqu’au 18 août 2026"}
    yield Moment(
        dict.fromkeys(("results", "own data", "public", "certifier's certificate"), ended)
        | {"list of certificates": "Échu"}
        | paper,
        (VALID,),
    )
    told.another_jury()
    decide(told, REFUSED, REFUSED)
    told.rule_an_equivalence(1, 1, 1)
    told.another_version()
    yield Moment(
        dict.fromkeys(("results", "own data", "certifier's results", "public", "certifier's certificate"), ended)
        | paper,
        (VALID,),
    )


def suspended(told: HearingMachine) -> Iterator[Moment]:
    """A sitting is suspended, then resumed."""
    told.begin(PLAIN, 5, 1)
    told.suspend(3)
    who = ("home", "results", "receipt", "record", "session", "sessions", "jury", "hearing", "body")
    yield Moment(dict.fromkeys(who, "suspendue"), (VALID, DELIVERED))
    told.clock_forward(3)
    told.resume([one.key for one in told.heard.members])
    decide(told, VALIDATED, REFUSED)
    # The decision is of the day on which the jury resumed.
    on = "21 juin 2026"
    yield Moment(
        {"minutes": "Alarme n° 1", "results": on, "own data": on, "public": on, "letter": on}
        | {"paper of the minutes": "suspendue le 18 juin 2026.*Alarme n° 1.*reprise le 21 juin 2026"}
        | {"paper of the letter": on, "paper of the certificate": on, "e-mails": "un courrier vous attend"},
        (r"séance (du jury )?est suspendue",),
    )


def absent(told: HearingMachine) -> Iterator[Moment]:
    """Yield the jury meets without the person, then with them."""
    told.begin(PLAIN, 5, 1)
    told.check_presence([one.key for one in told.heard.members if not one.rank], ABSENT)
    assert told.close()[0]
    told.act("lettre", lambda db: letters.write_absence(db, told.row.id, by=told.start.certifier, at=told.at))
    said = r"absence|L’entretien n’a pas eu lieu"
    who = ("home", "results", "receipt", "record", "session", "minutes")
    papers = {"paper of the absence": "indique votre absence, sans aucune décision", "e-mails": "s’est réuni sans vous"}
    yield Moment(
        dict.fromkeys((*who, "paper of the minutes"), said) | {"hearing": "sans décision"} | papers,
        (VALID, DELIVERED, "C’est déposé"),
    )
    told.another_jury()
    decide(told, VALIDATED, VALIDATED)
    yield Moment(
        {"minutes": DECIDED_AGAIN, "results": "Acquis définitivement", "own data": "acquis déf"}, past=(WAITS,)
    )


def void(told: HearingMachine) -> Iterator[Moment]:
    """Yield a sitting that had no effect, then another jury that decides."""
    told.begin(PLAIN, 5, 1)
    told.void()
    waits = "attend une autre session"
    yield Moment({"results": waits, "certifier's results": waits, "minutes": "attend un autre jury"}, (VALID,))
    told.another_jury()
    decide(told, VALIDATED, VALIDATED)
    yield Moment(dict.fromkeys(("results", "own data", "certifier's results", "minutes"), DECIDED_AGAIN), past=(WAITS,))


def confirmed(told: HearingMachine) -> Iterator[Moment]:
    """A grant of a jury is suspended, then confirmed, then withdrawn for one block."""
    told.begin(PLAIN, 5, 1)
    decide(told, VALIDATED, VALIDATED)
    told.change_a_grant(Chosen(told.granted[0]), StatusChangeKind.SUSPENSION, False)
    who = ("results", "own data", "certifier's results", "minutes", "hearing", "letter", "paper of the minutes")
    yield Moment(dict.fromkeys(who, "ni acquis ni perdus?"), (VALID,))
    told.change_a_grant(Chosen(told.granted[0]), StatusChangeKind.CONFIRMATION, False)
    yield Moment(dict.fromkeys(who, "la suspension est levée"), ("ni acquis ni perdu",))
    told.change_a_grant(Chosen(told.granted[0]), StatusChangeKind.WITHDRAWAL, False)
    yield Moment(dict.fromkeys(who, "a retiré"), ("ni acquis ni perdu",))


def appealed(told: HearingMachine) -> Iterator[Moment]:
    """An appeal against a refusal is granted."""
    told.begin(PLAIN, 5, 1)
    decide(told, VALIDATED, REFUSED)
    told.appeal(Chosen(told.row, {2}), AppealOutcome.GRANTED, False)
    annulled = r"annulée?"
    who = ("home", "results", "own data", "hearing", "minutes", "letter", "session", "jury", "appeals")
    later = "a annulé la décision du jury sur le bloc 2, à la suite d’un recours"
    answer = "décision sur le bloc 2 est annulée.*Votre recours est accueilli"
    papers = {
        "paper of the minutes": later,
        "archive": f"Décisions depuis.*{later}.*Recours reçus.*{answer}",
        "paper of the answer": answer,
        "e-mails": "a répondu à votre recours",
    }
    never = ("Préparez la suite", r"Accueilli\. Accueilli", r"annulé la décision du jury sur (le bloc 1|les blocs)")
    yield Moment(dict.fromkeys(who, annulled) | papers, never)
    told.another_jury()
    decide(told, VALIDATED, VALIDATED)
    yield Moment(
        dict.fromkeys(("results", "own data", "certifier's results", "appeals"), DECIDED_AGAIN)
        | dict.fromkeys(("minutes", "hearing", "letter"), DECIDED_AGAIN)
        | {"paper of the minutes": f"{later}.*{DECIDED_AGAIN}", "archive": f"{later}.*{DECIDED_AGAIN}"}
        | {"paper of the answer": "Un autre jury doit en décider"},
        (*never, "Réunir un autre jury"),
        (WAITS,),
    )


def rejected(told: HearingMachine) -> Iterator[Moment]:
    """An appeal is rejected."""
    told.begin(PLAIN, 5, 1)
    decide(told, VALIDATED, REFUSED)
    told.appeal(Chosen(told.row, {2}), AppealOutcome.REJECTED, False)
    who = ("results", "own data", "appeals", "session", "jury", "minutes")
    papers = dict.fromkeys(("archive", "paper of the answer"), "recours est rejeté")
    yield Moment(
        dict.fromkeys(who, "rejeté") | papers | {"e-mails": "a répondu à votre recours"},
        (r"Rejeté\. Rejeté", "annulée"),
    )


def silent(told: HearingMachine) -> Iterator[Moment]:
    """An appeal is not answered, and lapses."""
    told.begin(PLAIN, 5, 1)
    decide(told, VALIDATED, REFUSED)
    block, on = frozenset([told.start.blocks[1, 2]]), told.today
    asked = AppealInput(AppealKind.CERTIFIER, on, on, "Mon budget était joint.", block)
    by = told.start.certifier
    told.act("recours", lambda db: appeals.register(db, told.row.id, asked, by=by, at=told.at).id)
    who = ("results", "appeals", "session", "jury", "minutes")
    awaited = "Réponse attendue jusqu’au 18 août 2026"
    yield Moment(
        dict.fromkeys(who, "en attente de réponse")
        | {
            "archive": awaited,
            "own data": awaited,
            "paper of the receipt": awaited,
            "e-mails": "votre recours est enregistré",
        },
        ("a répondu à votre recours",),
    )
    told.clock_forward(75)
    papers = ("archive", "paper of the answer")
    yield Moment(
        dict.fromkeys(("results", "own data", "appeals", "session", *papers), "silence"),
        ("en attente de réponse", "a répondu à votre recours"),
    )


def annulled(told: HearingMachine) -> Iterator[Moment]:
    """Everything that a jury granted is annulled for bias."""
    told.begin(PLAIN, 5, 1)
    decide(told, VALIDATED, VALIDATED)
    told.change_a_grant(Chosen(told.granted[0]), StatusChangeKind.ANNULMENT, True)
    told.clock_forward(1)
    said = r"annulée?"
    who = ("home", "results", "own data", "letter", "hearing", "minutes", "jury", "session", "public")
    who += ("list of certificates",)
    later = "a annulé la décision du jury sur les blocs 1 et 2"
    papers = {"paper of the minutes": later, "paper of the certificate": "Annulé le 18 juin 2026.*ne prouve plus rien"}
    yield Moment(
        dict.fromkeys((*who, "certifier's certificate"), said) | papers | {"e-mails": "une décision vous attend"},
        (VALID, r"annulé aujourd’hui"),
    )


def heard_again(told: HearingMachine) -> Iterator[Moment]:
    """Everything is annulled for bias; a jury of others validates one block and refuses the other."""
    told.begin(PLAIN, 5, 1)
    decide(told, VALIDATED, VALIDATED)
    told.change_a_grant(Chosen(told.granted[0]), StatusChangeKind.ANNULMENT, True)
    told.another_jury(other=True)
    on = "19 juin 2026"
    yield Moment(
        dict.fromkeys(("home", "record", "sessions", "body"), on)
        | dict.fromkeys(("results", "certifier's results"), "Bloc 1 non acquis : la décision du jury a été annulée"),
        (VALID,),
    )
    decide(told, VALIDATED, REFUSED, letter=False)
    again = dict.fromkeys(("hearing", "minutes", "paper of the minutes", "certifier's results"), DECIDED_AGAIN)
    yield Moment(again | dict.fromkeys(("results", "own data", "letter"), "un autre jury peut en décider"))
    told.send(told.row)
    results = rf"Acquis définitivement le {on}.*Bloc 2 non acquis : la compétence 2\.2"
    yield Moment(
        dict.fromkeys(("results", "certifier's results"), results)
        | dict.fromkeys(("record", "body"), "Validation partielle de la certification(?!,)")
        | again
        | {"own data": rf"Bloc 1 acquis définitivement le {on}.*Bloc 2 non acquis"}
        | {"public": "annulé", "paper of the certificate": "Annulé le 18 juin 2026", "letter": DECIDED_AGAIN},
        ("la décision du jury a été annulée",),
        (WAITS,),
    )


def moved(told: HearingMachine) -> Iterator[Moment]:
    """A jury that has found and voted is replaced by another, on another day; then the other one decides."""
    told.begin(PLAIN, 5, 1)
    told.find(1, True)
    told.vote_in_turn(1, Chosen(*[FOR] * 5))
    told.move_to(1, told.today + timedelta(days=9), says_why=True)
    yield Moment({}, (VALID, DELIVERED))
    told.clock_forward(9)
    told.get_ready()
    decide(told, VALIDATED, REFUSED)
    former = "Séance du 18 juin 2026.*reportée à une autre session.*5 voix pour, 0 voix contre"
    on = dict.fromkeys(("results", "own data", "public", "letter"), "27 juin 2026")
    yield Moment({"minutes": former} | on, (r"(Décidé|acquis|prononcé) [^.]{0,40}18 juin",))


def dated(told: HearingMachine) -> Iterator[Moment]:
    """The first block, held for a time, lapses between the day of a suspended sitting and the day of the decision."""
    told.begin(LIMITED, 5, 1)
    decide(told, VALIDATED, REFUSED)
    told.clock_forward(59)
    told.another_jury()
    told.suspend(20)
    told.clock_forward(20)
    told.resume([one.key for one in told.heard.members])
    decide(told, VALIDATED, VALIDATED)
    results = dict.fromkeys(("results", "certifier's results"), "sa validité a pris fin le 18 août 2026")
    partly = dict.fromkeys(("record", "body"), "Validation partielle de la certification")
    yield Moment(results | partly, ("obtenu toute la certification", "La certification entière est obtenue"))


def voted_then_absent(told: HearingMachine) -> Iterator[Moment]:
    """After a closed ballot, the person is noted absent: refused, and the vote decides."""
    told.begin(PLAIN, 5, 1)
    told.find(1, True)
    told.vote_in_turn(1, Chosen(*[FOR] * 5))
    told.check_presence([one.key for one in told.heard.members if not one.rank], ABSENT)
    yield Moment({}, (VALID,))
    decide(told, VALIDATED, REFUSED)
    yield Moment({"minutes": "5 voix pour", "results": "Acquis définitivement"}, ("votre absence", "sans vous"))


def twice_a_day(told: HearingMachine) -> Iterator[Moment]:
    """Two versions are decided the same day, and a block of the second one makes the whole of the first."""
    told.begin(PLAIN, 5, 1)
    told.rule_an_equivalence(2, 2, 2)
    told.suspend(1)
    told.another_version()
    decide(told, REFUSED, VALIDATED, letter=False)
    first, second = told.seen
    told.seen = [second, first]
    told.resume([one.key for one in told.heard.members])
    decide(told, VALIDATED, REFUSED, letter=False)
    # The surfaces are those of the candidacy that stands first; letters leave in the order of the decisions.
    partly, whole = "Validation partielle de la certification", "Validation totale de la certification"
    obtained = r"certification obtenue|Certification obtenue|toute la certification"
    of_second = dict.fromkeys(("record", "certifier's results", "minutes", "paper of the minutes"), partly)
    yield Moment(of_second, (obtained,))
    told.seen = [first, second]
    yield Moment(dict.fromkeys(("record", "certifier's results"), whole) | {"letter": "^$"})
    told.seen = [second, first]
    told.send(second)
    said = ("results", "letter", "paper of the letter", "record")
    yield Moment(of_second | dict.fromkeys(said, partly), (obtained, "entière est obtenue"))
    told.send(first)
    yield Moment(of_second | dict.fromkeys(said, partly), (obtained, "entière est obtenue"))
    told.seen = [first, second]
    yield Moment(
        dict.fromkeys((*said, "certifier's results"), whole) | {"home": "Vous avez obtenu toute la certification"}
    )


STORIES = (lapsed, suspended, absent, void, confirmed, appealed, rejected, silent, annulled, heard_again)
STORIES += (moved, dated, voted_then_absent, twice_a_day)


def surfaces(told: HearingMachine) -> dict[str, tuple[str, str]]:
    """Return where each page, paper and archive is read, and by whom."""
    row = told.seen[0] if told.heard.attendance == "heard" else told.row
    own, hearing = f"/dossiers/{row.candidacy_id}", f"/jurys/{row.id}"
    with told.store.db.reader() as session:
        number = session.scalar(
            select(Certificate.number).join(Grant).order_by(Grant.granted_on, Certificate.id)  # of the first jury
        )
        appeal = session.scalar(select(Appeal.id))
    found = {
        "home": ("candidate", own),
        "results": ("candidate", f"{own}/resultats"),
        "receipt": ("candidate", f"/depots/{row.submission_id}"),
        "letter": ("candidate", f"{own}/notification/1"),
        "own data": ("candidate", "/mes-donnees/archive.zip"),
        "record": ("certifier", f"/candidatures/{row.candidacy_id}"),
        "certifier's results": ("certifier", f"{own}/resultats"),
        "session": ("certifier", f"/sessions/{row.session_id}"),
        "sessions": ("certifier", "/sessions"),
        "body": ("certifier", "/organisme"),
        "list of certificates": ("certifier", "/organisme/certificats"),
        "appeals": ("certifier", f"{hearing}/recours"),
        "jury": ("president", "/jurys"),
        "hearing": ("president", hearing),
        "minutes": ("certifier", f"{hearing}/resultat"),
        "paper of the minutes": ("certifier", f"{hearing}/proces-verbal.pdf"),
        "paper of the letter": ("candidate", f"{own}/notification/1.pdf"),
        "paper of the absence": ("candidate", f"{own}/absence/{row.id}.pdf"),
        "archive": ("certifier", f"{hearing}/recours/dossier.zip"),
    }
    if appeal is not None:
        found["paper of the receipt"] = ("candidate", f"{own}/recours/{appeal}/accuse-reception.pdf")
        found["paper of the answer"] = ("candidate", f"{own}/recours/{appeal}/reponse.pdf")
    if number is not None:
        found["public"] = ("public", f"/certificats/{number}")
        found["certifier's certificate"] = (
            "certifier", f"/candidatures/{row.candidacy_id}/certificats/{number}",
        )  # fmt: skip
        found["paper of the certificate"] = ("certifier", f"/certificats/{number}/certificat.pdf")
    return found


def words_before_typesetting(patch: pytest.MonkeyPatch) -> None:
    """Let a document be its values, unless its template chooses the words by what became of it."""
    compiler = typesetting._compiler

    def make(template: str, inputs: dict[str, str]) -> Any:
        if template in TYPESET:
            return compiler(template, inputs)
        return SimpleNamespace(compile=lambda **_: inputs["data"].encode())

    patch.setattr(typesetting, "_compiler", make)


def text_of(data: bytes) -> str:
    """Return the text of a paper, of an archive, or of a page without its markup."""
    if data.startswith(b"PK"):
        with ZipFile(io.BytesIO(data)) as archive:
            names = [name for name in archive.namelist() if not re.search(OTHERS, name)]
            return " ".join(text_of(archive.read(name)) for name in names)
    if data.startswith(b"%PDF"):
        with pymupdf.open(stream=data, filetype="pdf") as document:
            return re.sub(r"\s+", " ", " ".join(page.get_text() for page in document))
    text = data.decode()
    if text.startswith("{"):
        text = " ".join(words_in(json.loads(text)))
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))


def words_in(value: Any) -> Iterator[str]:
    """Yield every text among the values of a document, in their order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from words_in(each)


def emails(told: HearingMachine) -> str:
    """Return the e-mails that the person received."""
    mine = OutgoingEmail.person_id == told.start.candidate
    with told.store.db.reader() as session:
        rows = session.execute(select(OutgoingEmail.subject, OutgoingEmail.text).where(mine)).all()
    return " ".join(f"{subject} {text}" for subject, text in rows)


def read(told: HearingMachine, who: str, address: str) -> str | None:
    """Return the text of a page without what is frozen; None when it is not theirs to read."""
    client = told.store.app.test_client() if who == "public" else told.store.browser(who)
    answer = client.get(address)
    if answer.status_code != 200:
        return None
    return text_of(re.sub(FROZEN.encode(), b"", answer.data, flags=re.DOTALL))


@pytest.mark.parametrize(("story", "database_url"), in_turn(STORIES), indirect=["database_url"])
def test_what_each_surface_says_of_a_person_agrees(
    machine: type[HearingMachine], story: Callable[[HearingMachine], Iterator[Moment]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tests.machine.machine.note", lambda _: None)
    words_before_typesetting(monkeypatch)
    told = machine()
    for moment in story(told):
        said = {name: read(told, *where) for name, where in surfaces(told).items()}
        said["e-mails"] = emails(told)
        assert not re.search(RESULT, said["e-mails"])
        missing = {
            name: words for name, words in moment.says.items() if not re.search(words, said.get(name) or "", re.I)
        }
        assert not missing, {name: said.get(name) for name in missing}
        against = {
            (name, words)
            for name, text in said.items()
            for words in moment.never + (moment.past if name not in DATED else ())
            # The paper of a letter stays that of its day.
            if text and name != "paper of the letter" and re.search(words, text)
        }
        assert not against
        pages.check(told, "public")
