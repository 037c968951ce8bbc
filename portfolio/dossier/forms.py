"""What the candidate types in the draft: experiences, narratives, own texts, claims."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from wtforms.validators import ValidationError

from portfolio.dossier.rules import ClaimText, ExperienceText, OwnText, Story
from portfolio.dossier.wording import PROMPT_HELP, PROMPTS, TEXT_HELP, TEXTS
from portfolio.evidence.rules import PASSAGE_LENGTH, Measure, PassageFault, period_fault, read_passage
from portfolio.evidence.wording import PASSAGE_HELP, PASSAGE_LABELS, PERIODS, passage_fault_sentence
from portfolio.web.forms import CreationForm, DayField, Form, LineField, ManyOfField, OneOfField, ProseField, RevisedForm, pairs

COMMENT_LIMIT = 2000
COMMENT_LABEL = "Que montre cette preuve de ce que vous savez faire ?"
COMMENT_HELP = "Une ou deux phrases, à la première personne : « On y voit que j’ai… »."


class ExperienceForm(RevisedForm, CreationForm):
    """A post held, or anything else that taught something."""

    post = LineField(
        "Votre fonction", missing="Donnez votre fonction, même si elle n’avait pas de titre officiel.",
        description="Par exemple « Chargée de communication », « Trésorier bénévole ».",
    )  # fmt: skip
    structure = LineField("La structure", missing="Donnez le nom de l’entreprise, de l’association ou du service.")
    began_on = DayField("Début", description="Le premier du mois convient si vous ne savez plus le jour.")
    ended_on = DayField("Fin", description="Rien à écrire si c’est votre poste actuel.")
    context = ProseField(
        "Le contexte", description="Que fait la structure, de quelle taille est-elle, avec qui travailliez-vous ?"
    )
    perimeter = ProseField(
        "Votre périmètre", description="Sur quoi portait votre travail : équipe, budget, clients, territoire ?"
    )
    responsibilities = ProseField(
        "Vos responsabilités", description="Ce que vous deviez faire, et ce que vous décidiez vous-même."
    )

    def __init__(self, today: date, **more: Any) -> None:
        super().__init__(**more)
        self._today = today

    def validate_began_on(self, field: DayField) -> None:
        """A post begins in the past, and before it ends."""
        if fault := period_fault(field.data, self.ended_on.data, self._today):
            raise ValidationError(PERIODS[fault])

    def validate_ended_on(self, field: DayField) -> None:
        """An end needs a beginning."""
        if self.began_on.data is None and not self.began_on.errors and (fault := period_fault(None, field.data, self._today)):
            raise ValidationError(PERIODS[fault])

    def value(self) -> ExperienceText:
        """What was said of the post."""
        return ExperienceText(
            self.post.data or "", self.structure.data or "", self.began_on.data, self.ended_on.data,
            self.context.data or "", self.perimeter.data or "", self.responsibilities.data or "",
        )  # fmt: skip


class NarrativeForm(RevisedForm):
    """How a competency is told, from the four prompts."""

    situation = ProseField(PROMPTS["situation"], description=PROMPT_HELP["situation"])
    actions = ProseField(PROMPTS["actions"], description=PROMPT_HELP["actions"])
    choices = ProseField(PROMPTS["choices"], description=PROMPT_HELP["choices"])
    result = ProseField(PROMPTS["result"], description=PROMPT_HELP["result"])

    def value(self) -> Story:
        """What was told."""
        fields = (self.situation, self.actions, self.choices, self.result)
        return Story(*(field.data or "" for field in fields))


class TextsForm(RevisedForm):
    """The dossier's own texts."""

    career = ProseField(TEXTS[OwnText.CAREER], description=TEXT_HELP[OwnText.CAREER])
    motivation = ProseField(TEXTS[OwnText.MOTIVATION], description=TEXT_HELP[OwnText.MOTIVATION])
    conclusion = ProseField(TEXTS[OwnText.CONCLUSION], description=TEXT_HELP[OwnText.CONCLUSION])

    def value(self) -> dict[OwnText, str]:
        """What was written."""
        return {text: self[text.value].data or "" for text in OwnText}


Countable = tuple[Measure, int | None]


class _Passage(Form):
    """Where to look in a piece, and what it shows there."""

    passage = LineField(PASSAGE_LABELS[Measure.FREE], limit=PASSAGE_LENGTH)
    comment = ProseField(COMMENT_LABEL, limit=COMMENT_LIMIT, description=COMMENT_HELP)

    def told(self, countable: Countable) -> None:
        """Say how passages of the piece are written."""
        self._countable = countable
        self.passage.label.text = PASSAGE_LABELS[countable[0]]
        self.passage.description = PASSAGE_HELP[countable[0]]

    def validate_passage(self, field: LineField) -> None:
        """A passage must be read, and be in the piece."""
        measure, pages = self._countable
        answer = read_passage(field.data or "", measure, pages)
        if isinstance(answer, PassageFault):
            raise ValidationError(passage_fault_sentence(answer, measure))

    def value(self) -> ClaimText:
        """What the claim says, its passage in the one form."""
        measure, pages = self._countable
        answer = read_passage(self.passage.data or "", measure, pages)
        return ClaimText(answer if isinstance(answer, str) else "", self.comment.data or "")


class ClaimForm(_Passage, CreationForm):
    """The competencies that one piece shows."""

    competencies = ManyOfField("Quelles compétences cette pièce montre-t-elle ?", UUID, missing="Cochez au moins une compétence.")

    def __init__(self, choices: Iterable[tuple[UUID, str]], countable: Countable, **more: Any) -> None:
        super().__init__(**more)
        self.competencies.choices = pairs(choices)
        self.told(countable)


class PieceChoiceForm(_Passage, CreationForm):
    """The piece, among those already there, that shows one competency."""

    piece = OneOfField("Quelle pièce ?", UUID, missing="Choisissez une pièce, ou ajoutez-en une nouvelle.")

    def __init__(self, pieces: Sequence[tuple[UUID, str]], countables: Mapping[UUID, Countable], **more: Any) -> None:
        super().__init__(**more)
        self.piece.choices = pairs(pieces)
        chosen: Any = self.piece.data
        self.told(countables.get(chosen, (Measure.FREE, None)))


class ClaimChangeForm(_Passage, RevisedForm):
    """What a claim now says."""

    def __init__(self, countable: Countable, **more: Any) -> None:
        super().__init__(**more)
        self.told(countable)


class ConfirmForm(Form):
    """A button that takes something away: nothing but the token."""
