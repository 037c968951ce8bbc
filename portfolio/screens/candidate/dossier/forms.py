"""Forms of the draft: experiences, narratives, own texts, claims."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from wtforms import HiddenField
from wtforms.validators import ValidationError

from portfolio.domain.dossier.rules.citation import (
    CITATION_MAX_CHARS,
    CitationError,
    CitationUnit,
    Sheet,
    parse_citation,
)
from portfolio.domain.dossier.rules.description import period_error
from portfolio.domain.dossier.rules.draft import GeneralText, NarrativeText
from portfolio.domain.dossier.rules.texts import COMMENT_MAX_CHARS, ClaimText, ExperienceText
from portfolio.french_text import NBSP
from portfolio.web.forms import (
    Form,
    IdempotentForm,
    MonthField,
    MultiChoiceField,
    MultiLineField,
    RadioChoiceField,
    SingleLineField,
    VersionedForm,
    pairs,
)
from portfolio.wording.dossier import PROMPT_HELP, PROMPTS, TEXT_HELP, TEXTS
from portfolio.wording.evidence import PASSAGE_HELP, PASSAGE_LABELS, PERIODS, citation_error_message

COMMENT_LIMIT = COMMENT_MAX_CHARS
COMMENT_LABEL = "Que montre cette preuve de ce que vous savez faire ?"
COMMENT_HELP = "Une ou deux phrases, à la première personne : « On y voit que j’ai… »."

NO_COMMENT = (
    f"Pourquoi cette preuve{NBSP}? Une phrase aide le jury. Pour la garder sans explication, enregistrez de "
    f"nouveau{NBSP}: il lira «{NBSP}Sans commentaire{NBSP}»."
)


class ExperienceForm(VersionedForm, IdempotentForm):
    """A post held, or anything else that taught something."""

    post = SingleLineField(
        "Votre fonction", missing="Donnez votre fonction, même si elle n’avait pas de titre officiel.",
        description="Par exemple « Chargée de communication », « Trésorier bénévole ».",
    )  # fmt: skip
    structure = SingleLineField(
        "La structure", missing="Donnez le nom de l’entreprise, de l’association ou du service."
    )
    began_on = MonthField("Début", description="Le mois et l’année.")
    ended_on = MonthField("Fin", description="Rien à écrire si c’est votre poste actuel.")
    context = MultiLineField(
        "Le contexte", description="Que fait la structure, de quelle taille est-elle, avec qui travailliez-vous ?"
    )
    perimeter = MultiLineField(
        "Votre périmètre", description="Sur quoi portait votre travail : équipe, budget, clients, territoire ?"
    )
    responsibilities = MultiLineField(
        "Vos responsabilités", description="Ce que vous deviez faire, et ce que vous décidiez vous-même."
    )

    def __init__(self, today: date, **more: Any) -> None:
        super().__init__(**more)
        self._today = today

    def validate_began_on(self, field: MonthField) -> None:
        """A post begins in the past, and before it ends."""
        if fault := period_error(field.data, self.ended_on.data, self._today):
            raise ValidationError(PERIODS[fault])

    def validate_ended_on(self, field: MonthField) -> None:
        """An end needs a beginning."""
        if (
            self.began_on.data is None
            and not self.began_on.errors
            and (fault := period_error(None, field.data, self._today))
        ):
            raise ValidationError(PERIODS[fault])

    def value(self) -> ExperienceText:
        """Return what was said of the post."""
        return ExperienceText(
            self.post.data or "", self.structure.data or "", self.began_on.data, self.ended_on.data,
            self.context.data or "", self.perimeter.data or "", self.responsibilities.data or "",
        )  # fmt: skip


class NarrativeForm(VersionedForm):
    """Narrative of a competency, from the four prompts."""

    situation = MultiLineField(PROMPTS["situation"], description=PROMPT_HELP["situation"])
    actions = MultiLineField(PROMPTS["actions"], description=PROMPT_HELP["actions"])
    choices = MultiLineField(PROMPTS["choices"], description=PROMPT_HELP["choices"])
    result = MultiLineField(PROMPTS["result"], description=PROMPT_HELP["result"])
    # Written by static/js/speech.js: the helps used since the page was opened.
    helps = HiddenField()

    def value(self) -> NarrativeText:
        """Return what was told."""
        fields = (self.situation, self.actions, self.choices, self.result)
        return NarrativeText(*(field.data or "" for field in fields))


class TextsForm(VersionedForm):
    """The dossier's own texts."""

    career = MultiLineField(TEXTS[GeneralText.CAREER], description=TEXT_HELP[GeneralText.CAREER])
    motivation = MultiLineField(TEXTS[GeneralText.MOTIVATION], description=TEXT_HELP[GeneralText.MOTIVATION])
    conclusion = MultiLineField(TEXTS[GeneralText.CONCLUSION], description=TEXT_HELP[GeneralText.CONCLUSION])

    def value(self) -> dict[GeneralText, str]:
        """Return what was written."""
        return {text: self[text.value].data or "" for text in GeneralText}


Countable = tuple[CitationUnit, int | None, tuple[Sheet, ...]]


class CommentForm(Form):
    """Comment on a piece: asked once when nothing is said, and kept so when the form is sent again."""

    comment = MultiLineField(COMMENT_LABEL, limit=COMMENT_LIMIT, description=COMMENT_HELP)
    asked = HiddenField()

    def is_comment_wanted(self) -> bool:
        """Return whether a comment is to be asked for."""
        return True

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse an empty comment the first time, beside what each field refuses."""
        sound = super().validate(extra_validators)
        if self.comment.data or self.asked.data or not self.is_comment_wanted():
            return sound
        self.asked.data, self.comment.errors = "1", [NO_COMMENT]
        return False


class _CitationForm(CommentForm):
    """Place in a piece, and what it shows there."""

    passage = SingleLineField(PASSAGE_LABELS[CitationUnit.FREE], limit=CITATION_MAX_CHARS)

    def told(self, countable: Countable) -> None:
        """Say how passages of the piece are written."""
        self._countable = countable
        self.passage.label.text = PASSAGE_LABELS[countable[0]]
        self.passage.description = PASSAGE_HELP[countable[0]]

    def validate_passage(self, field: SingleLineField) -> None:
        """A passage must be read, and be in the piece."""
        measure = self._countable[0]
        answer = parse_citation(field.data or "", *self._countable)
        if isinstance(answer, CitationError):
            raise ValidationError(citation_error_message(answer, measure))

    def value(self) -> ClaimText:
        """Return what the claim says, its passage in the one form."""
        answer = parse_citation(self.passage.data or "", *self._countable)
        return ClaimText(answer if isinstance(answer, str) else "", self.comment.data or "")


class ClaimForm(_CitationForm, IdempotentForm):
    """The competencies that one piece shows."""

    competencies = MultiChoiceField(
        "Quelles compétences cette pièce montre-t-elle ?", UUID, missing="Cochez au moins une compétence."
    )

    def __init__(self, choices: Iterable[tuple[UUID, str]], countable: Countable, **more: Any) -> None:
        super().__init__(**more)
        self.competencies.choices = pairs(choices)
        self.told(countable)


class EvidenceChoiceForm(_CitationForm, IdempotentForm):
    """The piece, among those already there, that shows one competency."""

    piece = RadioChoiceField("Quelle pièce ?", UUID, missing="Choisissez une pièce, ou ajoutez-en une nouvelle.")

    def __init__(self, pieces: Sequence[tuple[UUID, str]], countables: Mapping[UUID, Countable], **more: Any) -> None:
        super().__init__(**more)
        self.piece.choices = pairs(pieces)
        chosen: Any = self.piece.data
        self.told(countables.get(chosen, (CitationUnit.FREE, None, ())))


class ClaimChangeForm(_CitationForm, VersionedForm):
    """New text of a claim."""

    def __init__(self, countable: Countable, **more: Any) -> None:
        super().__init__(**more)
        self._had_comment = bool(more["data"]["comment"])
        self.told(countable)

    def is_comment_wanted(self) -> bool:
        """Return whether a comment is taken away: one that was never there was asked for already."""
        return self._had_comment


class ConfirmForm(Form):
    """A button that takes something away: nothing but the token."""
