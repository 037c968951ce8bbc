"""What happens to each of the candidates, chapter by chapter; Samia's is in `half_way`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from portfolio.candidacy.rules import Someone
from portfolio.demo import advising, judging, signing, telling, verdicts, writing
from portfolio.demo.people import ines, karim, marc, paul, sophie
from portfolio.demo.stage import Stage, Walk
from portfolio.review.rules import MarkValue

CLAIRE = Someone("claire.morel@exemple.fr", "Claire Morel")
YANIS = Someone("yanis.cordier@exemple.fr", "Yanis Cordier")
ROOM = "Institut Alma, salle Ouessant, Rennes"
EVERY_BLOCK = (1, 2, 3, 4)


def begins(stage: Stage) -> None:
    """The body publishes its certification."""
    stage.found_body(stage.ago(428, 9))
    signing.speak(stage, stage.ago(427, 11))


def two_juries(stage: Stage) -> None:
    """Paul passes three blocks, then his last one; on that second day, Sophie passes two of her four."""
    paul_walk, his = _paul_until_his_second_seal(stage)
    walk = stage.open(sophie.LIFE.who, sophie.LIFE.admissible_on, CLAIRE, stage.ago(330))
    kept = writing.fill(stage, walk, sophie.LIFE, stage.ago(240))
    hers = writing.seal(stage, walk, stage.ago(110, 22))
    sits = stage.weekday_ago(80)
    day = judging.plan(stage, stage.ago(sits), ROOM, stage.ago(105))
    last, first = (judging.call(stage, day, submission, stage.ago(100)) for submission in (his, hers))
    judging.judge(stage, last, (3,), verdicts.WHOLE, stage.ago(sits, 11))
    judging.judge(stage, first, EVERY_BLOCK, verdicts.SOPHIE, stage.ago(sits, 15))
    signing.sign_all(stage, stage.ago(sits - 2, 16))
    telling.tell(stage, paul_walk, 2, telling.ALL_GIVEN, stage.ago(sits - 4, 10))
    telling.tell(stage, walk, 1, telling.SOPHIE, stage.ago(sits - 4, 11))
    _sophie_again(stage, walk, kept.posts)


def _paul_until_his_second_seal(stage: Stage) -> tuple[Walk, UUID]:
    walk = stage.open(paul.LIFE.who, paul.LIFE.admissible_on, YANIS, stage.ago(420))
    stage.born(walk, paul.BIRTH, stage.ago(401, 18))
    kept = writing.fill(stage, walk, paul.LIFE, stage.ago(400))
    sealed = writing.seal(stage, walk, stage.ago(310, 18))
    sits = stage.weekday_ago(260)
    day = judging.plan(stage, stage.ago(sits), ROOM, stage.ago(300))
    hearing = judging.call(stage, day, sealed, stage.ago(290))
    judging.judge(stage, hearing, EVERY_BLOCK, verdicts.PAUL, stage.ago(sits, 15))
    signing.sign_all(stage, stage.ago(sits - 2, 15))
    telling.tell(stage, walk, 1, telling.PAUL, stage.ago(sits - 4, 9))
    writing.prepare_next(stage, walk, stage.ago(250, 19))
    writing.send(stage, walk, replace(paul.LIFE, exhibits=paul.LATER), kept.posts, stage.ago(200))
    return walk, writing.seal(stage, walk, stage.ago(120, 21))


def _sophie_again(stage: Stage, walk: Walk, posts: list[UUID]) -> None:
    writing.prepare_next(stage, walk, stage.ago(64, 20))
    writing.send(stage, walk, replace(sophie.LIFE, exhibits=sophie.LATER), posts, stage.ago(40))
    writing.tell(stage, walk, sophie.LATER_STORIES, stage.ago(30), revision=1)
    covered = "Le cahier des charges répond à ce que le jury demandait."
    advising.mark(stage, walk, "2.1", MarkValue.COVERED, covered, stage.ago(12))
    question = "Comment avez-vous su qu’il fallait une apprentie, et non un prestataire ? Racontez-le en jours et en compétences."
    advising.mark(stage, walk, "2.2", MarkValue.NOT_COVERED, question, stage.ago(12, 10, 20))


def before_the_jury(stage: Stage) -> None:
    """Karim sealed twelve days ago; his jury sits today, and its president has begun."""
    walk = stage.open(karim.LIFE.who, karim.LIFE.admissible_on, CLAIRE, stage.ago(210))
    writing.fill(stage, walk, karim.LIFE, stage.ago(150))
    advising.mark(stage, walk, "1.1", MarkValue.COVERED, "", stage.ago(30))
    advising.ask(
        stage, walk, "2.2", "Pensez à dire quelles compétences manquaient, et pas seulement combien de jours.", stage.ago(30, 11)
    )
    advising.read(stage, walk, ("1.1", "2.2"), stage.ago(28, 20))
    sealed = writing.seal(stage, walk, stage.ago(12, 21))
    day = judging.plan(stage, stage.now, ROOM, stage.ago(25))
    hearing = judging.call(stage, day, sealed, stage.ago(11))
    begun = max(stage.ago(0, 0), stage.now - timedelta(minutes=40))
    judging.get_ready(stage, hearing, stage.ago(6))
    judging.open_sitting(stage, hearing, begun)
    for label, finding in verdicts.KARIM.items():
        judging.find(stage, hearing, label, finding, begun)
    judging.decide(stage, hearing, 1, judging.VALIDATED, begun)


def waits_for_a_session(stage: Stage) -> None:
    """Inès sealed three days ago."""
    walk = stage.open(ines.LIFE.who, ines.LIFE.admissible_on, YANIS, stage.ago(190))
    writing.fill(stage, walk, ines.LIFE, stage.ago(90))
    writing.seal(stage, walk, stage.ago(3, 22))


def just_invited(stage: Stage) -> None:
    """Marc is invited this week; he chooses his password the same evening."""
    stage.open(marc.WHO, marc.ADMISSIBLE_ON, YANIS, stage.ago(2, 16))
    stage.welcome([marc.WHO], stage.ago(2, 20))
