"""Samia's chapter: a draft half written, an advisor who reads it, one mark that is out of date."""

from __future__ import annotations

from portfolio.demo import advising, attesting, writing
from portfolio.demo.chapters import CLAIRE
from portfolio.demo.people import samia
from portfolio.demo.stage import Stage
from portfolio.review.rules import MarkValue

_MARKS = (
    ("1.1", MarkValue.COVERED, "Les ateliers et le compte rendu se répondent. On vous voit agir."),
    ("1.2", MarkValue.COVERED, "Complet. L’attestation vient bien à l’appui."),
    ("2.1", MarkValue.COVERED, "De l’audit au cahier des charges, le fil est clair."),
    ("2.2", MarkValue.NOT_COVERED, "Aucune preuve encore. Un tableau de charges, une fiche de poste : qu’avez-vous gardé ?"),
    ("2.3", MarkValue.PARTLY, "La capture ne dit pas ce que vous en avez conclu. Citez une décision et sa date."),
    ("3.1", MarkValue.COVERED, "Rien à ajouter : la page 12 répond à toutes les questions."),
    ("3.2", MarkValue.PARTLY, "Dites aussi ce que cela a donné : le résultat est vide."),
)  # fmt: skip


def half_way(stage: Stage) -> None:
    """Samia writes, one third party attests, another is asked; Claire marks, Samia answers; one of Claire's questions waits."""
    walk = stage.open(samia.LIFE.who, samia.LIFE.admissible_on, CLAIRE, stage.ago(120))
    kept = writing.fill(stage, walk, samia.LIFE, stage.ago(45))
    attesting.signed(stage, walk, kept.posts[1])
    attesting.waiting(stage, walk, kept.posts[0])
    for number, (label, value, comment) in enumerate(_MARKS):
        advising.mark(stage, walk, label, value, comment, stage.ago(15, 14, 6 * number))
    advising.ask(stage, walk, "1.1", "Combien de conseillères ont suivi la formation jusqu’au bout ?", stage.ago(14, 9))
    advising.answer(
        stage, walk, "1.1", "Sept sur huit ; la huitième partait en retraite. Je l’ajoute au récit.", stage.ago(13, 21)
    )
    advising.ask(stage, walk, "1.1", "Parfait : une phrase suffit, dans le résultat.", stage.ago(12, 9))
    advising.read(stage, walk, [label for label, *_ in _MARKS], stage.ago(7, 22))
    # The specification is sent again: Claire's mark on 2.1 was made on the earlier file.
    writing.replace(stage, walk, samia.LIFE, (3, kept.pieces[2]), stage.ago(6, 22))
    question = "Votre alternante : qui a écrit son programme de travail ? Si c’est vous, c’est une preuve pour 2.2."
    advising.ask(stage, walk, "2.2", question, stage.ago(1, 17, 30))
