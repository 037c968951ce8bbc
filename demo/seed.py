"""The demonstration, told once: one certifying body, six candidates at six stages, a jury that sits today."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from demo import apprentices, around, deadlines, france_vae, origin, scenarios
from demo.builder import CERTIFIER, Stage
from demo.half_written_dossier import half_way
from demo.jurors import FIVE, OTHERS
from demo.passphrase import PASSPHRASE
from demo.people import ines, karim, marc, paul, samia, sophie
from portfolio.db.engine import database
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.web import logs


@dataclass(frozen=True)
class Visitor:
    """Somebody whom a visitor can be: their part, where they are in the story, and the same in English."""

    who: PersonInput
    role: str
    story: str
    english: str

    @property
    def first_name(self) -> str:
        """The name that the story uses."""
        return self.who.name.split()[0]


# In the order that tells the story: a dossier is written, read, judged, and gives certificates.
VISITORS = (
    Visitor(
        samia.LIFE.who,
        "candidate",
        "dossier à moitié écrit. Commencez par elle",
        "Candidate. Her dossier is half written. Her advisor answers her, and her hours are funded. Begin with her.",
    ),
    Visitor(
        scenarios.CLAIRE,
        "accompagnatrice",
        "suit Samia et quelques autres",
        "Advisor. She reads what Samia and others write, annotates each competency, and answers.",
    ),
    Visitor(
        marc.WHO,
        "candidat",
        "vient d’être invité : choisissez son mot de passe, tout est à faire",
        "Candidate, just invited. Choose his password: everything is still to be done.",
    ),
    Visitor(
        scenarios.NORA,
        "demande sa recevabilité",
        "demande envoyée, l’organisme doit répondre",
        "Asks to be admitted. Her request is sent, and the certifying body has to answer.",
    ),
    Visitor(
        ines.LIFE.who,
        "candidate",
        "dossier scellé, attend une session avec une interprète",
        "Candidate. Her dossier is sealed and waits for a jury, with an interpreter of sign language.",
    ),
    Visitor(
        PersonInput(FIVE[1].email, FIVE[1].name),
        "membre du jury",
        "lit un dossier scellé, et doit dire si elle connaît les huit apprentis d’une classe",
        "Member of the jury. She reads sealed dossiers, and has still to declare whether she knows eight apprentices.",
    ),
    Visitor(
        karim.LIFE.who,
        "candidat",
        "passe aujourd’hui devant le jury",
        "Candidate. He is before his jury today. His employers read his presence.",
    ),
    Visitor(
        PersonInput(FIVE[0].email, FIVE[0].name),
        "président du jury",
        "le jury d’aujourd’hui est à finir et à clore",
        "President of the jury. Today’s deliberation is to be finished and its minutes closed.",
    ),
    Visitor(
        sophie.LIFE.who,
        "candidate",
        "deux blocs acquis, prépare les deux autres, et un second titre",
        "Candidate. She holds two blocks, prepares the two others and a second title; her complaint was answered.",
    ),
    Visitor(
        paul.LIFE.who,
        "candidat",
        "certification obtenue en deux sessions",
        "Holder. He obtained the whole certification before two juries. Open one of his certificates.",
    ),
    Visitor(
        apprentices.MALO,
        "apprenti",
        "sa classe de huit passe devant le jury la semaine prochaine",
        "Apprentice. He writes no dossier: he was assessed, and his class of eight goes before a jury next week.",
    ),
    Visitor(
        CERTIFIER,
        "certificatrice",
        "tient les certifications, les candidatures, les sessions, le suivi des titulaires",
        "Certifying body. She keeps the certification, admits, calls juries, signs certificates, follows holders.",
    ),
    Visitor(
        deadlines.NADIA,
        "candidate France VAE",
        "six mois sans démarche, délai dépassé",
        "Candidate through France VAE, the public service. Six months without a step: her delay has passed.",
    ),
    Visitor(
        deadlines.OLIVIER, "candidat", "un bloc acquis, suspendu", "Candidate. He holds one block, and it is suspended."
    ),
    Visitor(
        scenarios.YANIS,
        "accompagnateur",
        "suit Marc, Inès, Paul et quelques autres",
        "Advisor. He accompanies Marc, Inès, Paul and others.",
    ),
)


CHAPTERS = (
    scenarios.begins,
    scenarios.short_title,
    apprentices.last_year,
    scenarios.two_juries,
    scenarios.before_the_jury,
    scenarios.waits_for_a_session,
    half_way,
    scenarios.just_invited,
    scenarios.asks_admissibility,
    deadlines.delays,
    deadlines.suspended_block,
    deadlines.newly_invited,
    scenarios.second_title,
    apprentices.before_the_jury,
    around.funded_hours,
    around.employer_group,
    around.arrangement,
    around.complaint,
    around.survey,
    around.si_cpf,
    deadlines.letters,
    france_vae.key,
)


# Commands that make a body of one's own, where the double of France VAE answers nothing.
OWN_BODY = (
    "make migrate DATA=~/mon-organisme",
    (
        "DATA=~/mon-organisme .venv/bin/python -m flask --app wsgi create-certifier vous@exemple.fr "
        '--name "Prénom Nom" --body "Organisme" --city "Ville"'
    ),
    "make run DATA=~/mon-organisme DEMO=0",
)


# A file of the data folder while the demonstration is made.
UNFINISHED = "demonstration.unfinished"


@dataclass(frozen=True)
class Told:
    """Whether the demonstration is there to visit: a base that others filled has none, and no login of
    ours. `left_out`: what this machine could not make, in French.
    """

    present: bool
    new: bool = False
    left_out: Sequence[str] = ()


def tell_once(now: datetime, progress: Callable[[int, int], object] = lambda *_: None) -> Told:
    """Make the demonstration when nobody is in the base; otherwise touch nothing.

    Answers what `logins` needs. `progress` is told each chapter that begins, of how many.
    """
    store = database()
    with store.reader() as session:
        if session.scalar(select(Person.id).limit(1)) is not None:
            first = session.scalar(select(Person.id).where(Person.email == samia.LIFE.who.email))
            return Told(first is not None)
    stage = Stage(store, current_app.extensions["files"], current_app.config["SETTINGS"].upload_limit, now)
    unfinished = current_app.config["SETTINGS"].data / UNFINISHED
    unfinished.write_text(_keys(unfinished.parent))
    with _in_silence():
        with store.transaction() as session:
            origin.mark(session, at=stage.ago(430))
        _gather(stage)
        for number, chapter in enumerate(CHAPTERS, 1):
            progress(number, len(CHAPTERS))
            chapter(stage)
    unfinished.unlink()
    return Told(True, new=True, left_out=stage.left_out)


def is_unfinished(data: Path) -> bool:
    """Return whether a demonstration was begun in this folder and stopped half-way; not when another
    installation was restored there since.
    """
    mark = data / UNFINISHED
    return mark.exists() and mark.read_text() == _keys(data)


def _keys(data: Path) -> str:
    """Return the public keys of the installation of this folder."""
    path = data / "ledger.jwks.json"
    return path.read_text() if path.exists() else ""


@contextmanager
def _in_silence() -> Iterator[None]:
    """Keep hundreds of journal lines off the screen where the logins are about to be read."""
    logs.configure(logging.WARNING)
    try:
        yield
    finally:
        logs.configure()


def _gather(stage: Stage) -> None:
    """Everyone but Marc and Léa, who were just invited, has long had their account."""
    lives = (samia.LIFE, ines.LIFE, karim.LIFE, sophie.LIFE, paul.LIFE)
    jury = [PersonInput(naming.email, naming.name) for naming in FIVE]
    everyone = [
        CERTIFIER,
        scenarios.CLAIRE,
        scenarios.NORA,
        scenarios.YANIS,
        *jury,
        *OTHERS,
        *deadlines.FAR,
        apprentices.MALO,
        *(life.who for life in lives),
    ]
    stage.welcome(everyone, stage.ago(430))


def logins(made: Told) -> str:
    """Answer the table of the people to log in as, in French; empty when the base holds no demonstration."""
    if not made.present:
        return ""
    names = max(len(one.who.name) for one in VISITORS)
    addresses = max(len(one.who.email) for one in VISITORS)
    lines = [f"  {one.who.name:<{names}}  {one.who.email:<{addresses}}  {one.role} : {one.story}" for one in VISITORS]
    return "\n".join(
        (
            "Comptes de la démonstration",
            *lines,
            "",
            f"Mot de passe de tous, sauf Marc : {PASSPHRASE}",
            "Votre propre organisme se crée dans un autre dossier, sans la démonstration :",
            *(f"  {command}" for command in OWN_BODY),
            *made.left_out,
        )
    )
