"""The letter answers of every block where it stands, and a stranger has no question left: on the screen and
on paper alike.
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask, render_template

from portfolio.db.engine import Database
from portfolio.domain.holdings.rules.completion import Label
from portfolio.domain.holdings.rules.granting import GrantGround
from portfolio.domain.holdings.rules.status_changes import GrantStatus, StatusChangeKind
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury_session.use_cases.planning import plan_session
from portfolio.domain.notification.rules.letter import LetterOther, completed
from portfolio.domain.notification.use_cases import notifying
from portfolio.web import filters
from portfolio.wording import documents
from tests.candidacy.test_rulings import ON_THE_DAY, late
from tests.documents.reading import words_of
from tests.holdings.status_changes import LATER, acquire, later
from tests.jury import builders
from tests.notification.builders import SAID, decided, speak

AUTUMN = datetime(2027, 4, 1, 12, 0, tzinfo=UTC)
SECOND_DAY = date(2027, 6, 10)
SITE = "https://acquis.example"
THEN = datetime(2027, 6, 10, 18, 0, tzinfo=UTC)


def told(db: Database, made: builders.Scene, number: int = 1, today: date = builders.DAY):
    """Return the letter as it would be composed that day."""
    with db.reader() as session:
        return notifying.prepare_notification(session, made.candidacy_id, number, today).letter


@pytest.fixture
def mixed(db: Database) -> builders.Scene:
    """A second jury grants block 1, refuses block 2 on two competencies and block 4; block 3, of the first
    one, is suspended.
    """
    made = decided(db, refused=(1, 2, 4))
    speak(db, made)
    later(db, StatusChangeKind.SUSPENSION, made.candidate.id, made.blocks[2], made.certifier.id)
    again = builders.next_scene(db, made, held_on=SECOND_DAY, at=AUTUMN)
    for block in (made.blocks[0], made.blocks[1], made.blocks[3]):
        for competency in block.competencies:
            lacks = block.number in (2, 4) and competency.number > 1
            builders.find(db, again, competency, builders.REFUSED if lacks else builders.ACQUIRED)
        builders.decide(db, again, block, builders.VALIDATED if block.number == 1 else builders.NOT_VALIDATED)
    builders.close(db, again, THEN)
    return again


def test_a_letter_answers_of_every_block_and_says_the_same_words_on_paper(db, mixed):
    letter = told(db, mixed, 2, SECOND_DAY)
    assert [one.number for one in letter.granted] == [1]
    assert [(one.number, [each.number for each in one.acquired]) for one in letter.refused] == [
        (2, ["2.1"]),
        (4, ["4.1"]),
    ]
    assert letter.others == (LetterOther(3, mixed.blocks[2].title, GrantGround.SUSPENDED),)
    assert letter.result.label is Label.PARTIAL
    said = {one.number: SAID["2.3"] for one in letter.lacking}
    sent = told_on_paper(completed(letter, said))
    for words in (
        "Bonjour Samia Benali, Le jury s’est prononcé",
        "1 bloc vous est acquis. 2 blocs ne sont pas acquis. 1 bloc est suspendu. "
        "La certification entière est obtenue quand ses 4 blocs sont acquis : ce n’est pas encore le cas.",
        "Toutes nos félicitations pour ce qui vous est acquis",
        "Ce bloc vous est acquis définitivement depuis le 10 juin 2027, jour de la décision",
        f"votre espace Acquis, le site où vous avez déposé votre dossier ({SITE}), à la page « Mes résultats »",
        f"le vérifier, sans compte, à l’adresse {SITE}/verifier.",
        "le prochain jury regardera le bloc entier et peut conclure autrement. Ne retirez donc rien de votre dossier",
        f"Compétence notée acquise 2.1 {mixed.blocks[1].competencies[0].text}",
        "Ce bloc est suspendu : nous examinons la régularité de la session où il a été décidé.",
        "vous n’avez rien à faire",
        "Aucune date de jury n’est fixée à ce jour pour cette certification. Demandez à Inès Fabre (05 00 00 00 00)",
        "Dans votre espace Acquis, ouvrez « Mes résultats »",
        "Pour n’en présenter qu’un cette fois et un autre plus tard, dites-le à Inès Fabre (05 00 00 00 00) avant",
        "aucune date limite n’est inscrite à votre dossier, et les blocs acquis le restent",
        "Demander un nouvel examen ne fait perdre, en soi, aucun bloc acquis.",
        "nos salutations les meilleures",
    ):
        assert words in sent, words


def told_on_paper(letter) -> str:
    """Return the words of the paper, after the page was found to say nothing else."""
    signed = replace(letter, signatory="Hélène Roche", quality="Directrice", notified_at=THEN)
    paper = words_of(documents.letter_pdf(signed, SITE)).replace("\u00a0", " ")
    app = Flask("page", template_folder=str(Path(__file__).parents[2] / "templates"))
    filters.init_app(app)
    app.add_url_rule("/certificats/<number>", "public.certificate.public", lambda number: number)
    with app.test_request_context():
        page = render_template("certifier/notifications/_letter.html", letter=signed, say=documents, site=SITE)
    for text in re.findall(r"<(?:p|li|dd|dt|h2)\b[^>]*>(.*?)</(?:p|li|dd|dt|h2)>", page, re.DOTALL):
        words = " ".join(re.sub(r"<[^>]+>", " ", text).replace("\u00a0", " ").split())
        assert all(one.strip() in paper for one in words.split("Certificat n°")), words
    return paper


def test_a_letter_says_when_one_may_come_again(db, mixed):
    with db.transaction() as session:
        for on, place in ((date(2027, 12, 1), "Bordeaux"), (date(2027, 9, 1), "Lyon")):
            plan_session(session, mixed.body_id, Planning(mixed.version_id, on, place), by=mixed.certifier.id, at=LATER)
    when, *_ = documents.next_message(told(db, mixed, 2, SECOND_DAY), SITE)
    assert (
        "Prochains jurys prévus\u00a0: le 1er\u00a0septembre 2027 à Lyon et le 1er\u00a0décembre 2027 à Bordeaux."
        in when
    )
    assert "Vous pouvez aussi attendre" in when


def test_a_block_validated_behind_a_lapse_that_nobody_ruled_is_told_as_not_acquired_yet(db):
    made = late(db)
    builders.close(db, made, ON_THE_DAY)
    letter = told(db, made)
    assert (letter.granted, letter.refused, letter.result.label) == ((), (), Label.NONE)
    assert {one.ground for one in letter.others} == {GrantGround.LAPSE_NOT_RULED}
    assert "il n’est pas encore acquis" in documents.other_message(letter.others[0])
    assert documents.next_message(letter, SITE) == ()


def test_a_block_refused_and_then_held_by_another_act_is_told_as_held(db):
    made = decided(db)
    acquire(db, made.candidacy_id, made.blocks[1], made.certifier.id)
    letter = told(db, made)
    assert letter.refused == ()
    assert [(one.number, one.held_on) for one in letter.held] == [(2, date(2025, 6, 30))]
    assert letter.result.label is Label.FULL


def test_the_blocks_of_an_annulled_decision_are_not_told_as_refused(db):
    made = decided(db)
    later(db, StatusChangeKind.ANNULMENT, made.candidate.id, made.blocks[0], made.certifier.id)
    letter = told(db, made)
    assert letter.refused == ()
    assert [(one.number, one.ground) for one in letter.others] == [(2, GrantGround.ANNULLED_AWAITING_JURY)]
    assert {one.status for one in letter.granted} == {GrantStatus.ANNULLED}


def test_each_ground_that_leaves_a_block_aside_has_its_sentence():
    asked = set(GrantGround) - {GrantGround.GRANTED, GrantGround.ALREADY_HELD, GrantGround.NOT_VALIDATED}
    said = {ground: documents.other_message(LetterOther(1, "Piloter", ground)) for ground in asked}
    assert all(text.endswith(".") for text in said.values())
    silent = {ground for ground, text in said.items() if "Demandez-nous pourquoi" in text}
    assert silent == {GrantGround.ABSENT, GrantGround.EXCUSED, GrantGround.NOT_CLOSED, GrantGround.IRREGULAR}


@pytest.mark.parametrize(
    ("contact", "words"),
    [
        ("Hélène Roche, vae@exemple.fr", "à Hélène Roche (vae@exemple.fr)"),
        ("Le service VAE\n05 00 00 00 00", "au service VAE (05 00 00 00 00)"),
        ("L’équipe VAE", "à l’équipe VAE"),
        ("Écrivez à vae@exemple.fr", ""),
        ("", ""),
    ],
)
def test_a_contact_is_named_in_a_sentence_only_when_it_reads_as_a_name(db, contact, words):
    made = decided(db)
    speak(db, made, contact=contact)
    letter = told(db, made)
    assert documents.contact_message(letter) == words
    assert f"Demandez{f' {words}' if words else '-nous'} la prochaine date" in documents.next_message(letter, SITE)[0]


def test_a_letter_that_completes_the_whole_says_once_that_every_block_is_held(db):
    made = decided(db, refused=())
    letter = told(db, made)
    assert documents.summary_message(letter).startswith("Tous les blocs vous sont acquis")
    assert documents.summary_message(replace(letter, whole="", blocks=5)).startswith("4\u00a0blocs vous sont acquis.")
