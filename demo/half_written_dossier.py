"""Samia's chapter: a draft half written, an advisor who reads it, one mark that is out of date."""

from demo import attestations, fill_dossier, reviews
from demo.builder import Stage
from demo.people import samia
from demo.scenarios import CLAIRE
from portfolio.domain.dossier.rules.assessment import Assessment

_MARKS = (
    ("1.1", Assessment.COVERED, "Les ateliers et le compte rendu se répondent. On vous voit agir."),
    ("1.2", Assessment.COVERED, "Complet. L’attestation vient bien à l’appui."),
    ("2.1", Assessment.COVERED, "De l’audit au cahier des charges, le fil est clair."),
    (
        "2.2",
        Assessment.NOT_COVERED,
        "Aucune preuve encore. Un tableau de charges, une fiche de poste : qu’avez-vous gardé ?",
    ),
    ("2.3", Assessment.PARTLY, "La capture ne dit pas ce que vous en avez conclu. Citez une décision et sa date."),
    ("3.1", Assessment.COVERED, "Rien à ajouter : la page 12 répond à toutes les questions."),
    ("3.2", Assessment.PARTLY, "Dites aussi ce que cela a donné : le résultat est vide."),
)


def half_way(stage: Stage) -> None:
    """Samia writes, one third party attests, another is asked; Claire marks, Samia answers; one of Claire's
    questions waits.
    """
    walk = stage.open(samia.LIFE.who, samia.LIFE.admissible_on, CLAIRE, stage.ago(120))
    kept = fill_dossier.fill(stage, walk, samia.LIFE, stage.ago(45))
    attestations.signed(stage, walk, kept.posts[1])
    attestations.waiting(stage, walk, kept.posts[0])
    for number, (label, value, comment) in enumerate(_MARKS):
        reviews.mark(stage, walk, label, value, comment, stage.ago(15, 14, 6 * number))
    reviews.ask(stage, walk, "1.1", "Combien de conseillères ont suivi la formation jusqu’au bout ?", stage.ago(14, 9))
    reviews.answer(
        stage, walk, "1.1", "Sept sur huit ; la huitième partait en retraite. Je l’ajoute au récit.", stage.ago(13, 21)
    )
    reviews.ask(stage, walk, "1.1", "Parfait : une phrase suffit, dans le résultat.", stage.ago(12, 9))
    reviews.read(stage, walk, [label for label, *_ in _MARKS], stage.ago(7, 22))
    # The specification is sent again: Claire's mark on 2.1 was made on the earlier file.
    fill_dossier.replace(stage, walk, samia.LIFE, (3, kept.pieces[2]), stage.ago(6, 22))
    question = "Votre alternante : qui a écrit son programme de travail ? Si c’est vous, c’est une preuve pour 2.2."
    reviews.ask(stage, walk, "2.2", question, stage.ago(1, 17, 30))
