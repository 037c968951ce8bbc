"""What happens to each of the candidates, chapter by chapter; Samia's is in `half_way`."""

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from uuid import UUID

from demo import fill_dossier, jury_sessions, notifications, reviews, sample_decisions, signatures
from demo.builder import ENTRY, Stage, Walk
from demo.jurors import HOUSE
from demo.people import ines, karim, marc, paul, sophie
from demo.sample_documents import Paper, content_of
from portfolio.domain.admissibility.rules import ProofKind
from portfolio.domain.admissibility.use_cases import requests
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.dossier.use_cases.texts import add_experience
from portfolio.domain.dossier.use_cases.uploads import upload_batch
from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import EquivalenceInput
from portfolio.domain.holdings.use_cases.equivalence import declare_equivalence
from portfolio.french_text import date_fr

CLAIRE = PersonInput("claire.morel@exemple.fr", "Claire Morel")
YANIS = PersonInput("yanis.cordier@exemple.fr", "Yanis Cordier")
ROOM = "Institut Alma, salle Ouessant, Rennes"
EVERY_BLOCK = (1, 2, 3, 4)


def begins(stage: Stage) -> None:
    """The body publishes its certification."""
    stage.found_body(stage.ago(428, 9))
    signatures.speak(stage, stage.ago(427, 11))


def two_juries(stage: Stage) -> None:
    """Paul passes three blocks, then his last one; on that second day, Sophie passes two of her four."""
    paul_walk, his = _paul_until_his_second_seal(stage)
    walk = stage.open(sophie.LIFE.who, sophie.LIFE.admissible_on, CLAIRE, stage.ago(330))
    kept = fill_dossier.fill(stage, walk, sophie.LIFE, stage.ago(240))
    hers = fill_dossier.seal(stage, walk, stage.ago(110, 22))
    sits = stage.weekday_ago(80)
    day = jury_sessions.plan(stage, stage.ago(sits), ROOM, stage.ago(105))
    last, first = (jury_sessions.call(stage, day, submission, stage.ago(100)) for submission in (his, hers))
    jury_sessions.judge(stage, last, (3,), sample_decisions.WHOLE, stage.ago(sits, 11))
    jury_sessions.judge(stage, first, EVERY_BLOCK, sample_decisions.SOPHIE, stage.ago(sits, 15))
    signatures.sign_all(stage, stage.ago(sits - 2, 16))
    jury_sessions.set_fees(stage, stage.ago(sits - 3))
    notifications.tell(stage, paul_walk, 2, notifications.ALL_GIVEN, stage.ago(sits - 4, 10))
    notifications.tell(stage, walk, 1, notifications.SOPHIE, stage.ago(sits - 4, 11))
    _sophie_again(stage, walk, kept.posts)


def _paul_until_his_second_seal(stage: Stage) -> tuple[Walk, UUID]:
    walk = stage.open(paul.LIFE.who, paul.LIFE.admissible_on, YANIS, stage.ago(420))
    stage.born(walk, paul.BIRTH, stage.ago(401, 18))
    kept = fill_dossier.fill(stage, walk, paul.LIFE, stage.ago(400))
    sealed = fill_dossier.seal(stage, walk, stage.ago(310, 18))
    sits = stage.weekday_ago(260)
    day = jury_sessions.plan(stage, stage.ago(sits), ROOM, stage.ago(300))
    hearing = jury_sessions.call(stage, day, sealed, stage.ago(290))
    jury_sessions.judge(stage, hearing, EVERY_BLOCK, sample_decisions.PAUL, stage.ago(sits, 15))
    signatures.sign_all(stage, stage.ago(sits - 2, 15))
    notifications.tell(stage, walk, 1, notifications.PAUL, stage.ago(sits - 4, 9))
    fill_dossier.prepare_next(stage, walk, stage.ago(250, 19))
    fill_dossier.send(stage, walk, replace(paul.LIFE, exhibits=paul.LATER), kept.posts, stage.ago(200))
    return walk, fill_dossier.seal(stage, walk, stage.ago(120, 21))


def _sophie_again(stage: Stage, walk: Walk, posts: list[UUID]) -> None:
    fill_dossier.prepare_next(stage, walk, stage.ago(64, 20))
    fill_dossier.send(stage, walk, replace(sophie.LIFE, exhibits=sophie.LATER), posts, stage.ago(40))
    fill_dossier.tell(stage, walk, sophie.LATER_STORIES, stage.ago(30), revision=1)
    covered = "Le cahier des charges répond à ce que le jury demandait."
    reviews.mark(stage, walk, "2.1", Assessment.COVERED, covered, stage.ago(12))
    question = (
        "Comment avez-vous su qu’il fallait une apprentie, et non un prestataire ? Racontez-le en jours et "
        "en compétences."
    )
    reviews.mark(stage, walk, "2.2", Assessment.NOT_COVERED, question, stage.ago(12, 10, 20))


def short_title(stage: Stage) -> None:
    """The body publishes a shorter title, whose registration goes on: one of its blocks is of the other one too."""
    stored = json.loads(ENTRY.read_text(encoding="utf-8"))
    blocks = {block["number"]: block for block in stored["blocks"]}
    registrations = _registered_on(stored["registrations"], stage.now.year + 2)
    short = {
        **stored,
        "code": "RNCP99169",
        "title": "Chargé de communication digitale",
        "titles_seen": ["Chargé de communication digitale"],
        "registrations": registrations,
        "registered_until": registrations[-1]["until"],
        "blocks": [blocks[4] | {"number": 1}, blocks[2] | {"number": 2}],
        "doubts": [doubt for doubt in stored["doubts"] if not doubt["where"].startswith(("blocks", "title"))],
    }
    stage.short = copy.copy(stage)
    with stage.database.transaction() as session:
        stage.short.publish(session, short, stage.ago(426, 9))


def _registered_on(registrations: Sequence[Mapping[str, str]], year: int) -> list[Mapping[str, str]]:
    """Return registrations that go on, five years after five years, until this year at least."""
    found = list(registrations)
    while (last := date.fromisoformat(found[-1]["until"])).year < year:
        until = last.replace(year=last.year + 5)
        act = f"Décision du directeur général de France compétences du {date_fr(last)} (exemple)"
        found.append({**found[-1], "act": act, "from": last.isoformat(), "until": until.isoformat()})
    return found


def second_title(stage: Stage) -> None:
    """Sophie prepares the shorter title too: its first block is the fourth of the other one, which she holds."""
    other = stage.short
    with stage.database.transaction() as session:
        same = EquivalenceInput(
            stage.blocks[4], other.blocks[1], EquivalenceKind.IDENTICAL, "Le même bloc, mot pour mot."
        )
        declare_equivalence(session, same, by=stage.certifier, at=stage.ago(36, 9))
    walk = other.open(sophie.LIFE.who, sophie.LIFE.admissible_on, CLAIRE, stage.ago(34))
    kept = next(exhibit for exhibit in sophie.LATER if any(label.startswith("2.") for label in exhibit.claims))
    own = {label: text for label, text in kept.claims.items() if label.startswith("2.")}
    with stage.database.transaction() as session:
        posts = [
            add_experience(session, walk.candidacy_id, post, by=walk.candidate_id, at=stage.ago(21))
            for post in sophie.LIFE.posts
        ]
    fill_dossier.send(other, walk, replace(sophie.LIFE, exhibits=(replace(kept, claims=own),)), posts, stage.ago(20))


def before_the_jury(stage: Stage) -> None:
    """Karim sealed twelve days ago; his jury sits today, and its president has begun."""
    walk = stage.open(karim.LIFE.who, karim.LIFE.admissible_on, CLAIRE, stage.ago(210))
    fill_dossier.fill(stage, walk, karim.LIFE, stage.ago(150))
    reviews.mark(stage, walk, "1.1", Assessment.COVERED, "", stage.ago(30))
    reviews.ask(
        stage,
        walk,
        "2.2",
        "Pensez à dire quelles compétences manquaient, et pas seulement combien de jours.",
        stage.ago(30, 11),
    )
    reviews.read(stage, walk, ("1.1", "2.2"), stage.ago(28, 20))
    sealed = fill_dossier.seal(stage, walk, stage.ago(12, 21))
    day = jury_sessions.plan(stage, stage.now, ROOM, stage.ago(25))
    hearing = jury_sessions.call(stage, day, sealed, stage.ago(11))
    begun = max(stage.ago(0, 0), stage.now - timedelta(minutes=40))
    jury_sessions.get_ready(stage, hearing, stage.ago(6))
    jury_sessions.open_sitting(stage, hearing, begun)
    for label, finding in sample_decisions.KARIM.items():
        jury_sessions.find(stage, hearing, label, finding, begun)
    jury_sessions.decide(stage, hearing, 1, jury_sessions.VALIDATED, begun)


def waits_for_a_session(stage: Stage) -> None:
    """Inès sealed three days ago."""
    walk = stage.open(ines.LIFE.who, ines.LIFE.admissible_on, YANIS, stage.ago(190))
    fill_dossier.fill(stage, walk, ines.LIFE, stage.ago(90))
    fill_dossier.seal(stage, walk, stage.ago(3, 22))


def just_invited(stage: Stage) -> None:
    """Marc is invited this week; he has not chosen his password yet."""
    stage.open(marc.WHO, marc.ADMISSIBLE_ON, YANIS, stage.ago(2, 16))


NORA = PersonInput("nora.lambert@exemple.fr", "Nora Lambert")
_HER_ACTIVITIES = (
    ("Responsable de la communication digitale", "Coopérative des Abers", "2019-09-02", "", 9600,
     "Je pilote le site et les campagnes, je choisis les prestataires et je rends compte au bureau."),
    ("Animatrice du site d’un festival, bénévole", "Association Les Grandes Marées", "2017-03-01", "2019-08-31", 700,
     "J’écris les contenus, je forme les bénévoles et je mesure l’audience."),
)  # fmt: skip


def asks_admissibility(stage: Stage) -> None:
    """Nora has sent her request of admissibility; the body has to answer."""
    names = ("what", "where", "since", "until", "hours", "tasks")
    told = {"activities": [dict(zip(names, each, strict=True)) for each in _HER_ACTIVITIES], "phone": "06 12 00 45 78"}
    sent, hers = stage.ago(12, 21), stage.people[NORA.email]
    with upload_batch(stage.files, stage.limit) as batch, stage.database.transaction() as session:
        paper = batch.store_file("certificat-de-travail.pdf", BytesIO(content_of(Paper.ATTESTATION, HOUSE, "2026")))
        asked = (stage.body_id, stage.short.version_id, NORA, Regime.CERFA)
        row = requests.invite_request(session, *asked, by=stage.certifier, at=stage.ago(20))
        requests.write_request(session, row.id, told, [(ProofKind.PROOF, paper)], "", at=sent)
        requests.send_request(session, row.id, by=hers, at=sent)
        batch.keep()
