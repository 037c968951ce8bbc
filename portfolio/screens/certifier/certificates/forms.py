"""Decisions of a certifier on a certificate, and what they enter beside a jury.

An act on what was granted asks for the password again, and for a proof that opens as a document.

The identity that certificates print, as the certifier puts it right.

Confirming an equivalence that the register proposes.
"""

from collections.abc import Set
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField
from wtforms.validators import ValidationError

from portfolio.domain.holdings.rules.facts import EquivalenceKind
from portfolio.domain.holdings.rules.status_changes import (
    AcquisitionInput,
    EquivalenceInput,
    GroupEquivalenceInput,
    Identity,
    StatusChange,
    StatusChangeKind,
)
from portfolio.screens.account.reauthentication import PasswordConfirmForm
from portfolio.screens.certifier.candidacies.forms import BirthForm
from portfolio.web.forms import (
    ConfirmField,
    FrenchDateField,
    MultiChoiceField,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    SingleLineField,
    pairs,
)
from portfolio.wording.holdings.grants import EQUIVALENCES as EQUIVALENCE_NAMES
from portfolio.wording.holdings.status_changes import EQUIVALENCES, KINDS

ACCEPTED = "application/pdf,image/*"
MISSING = "Joignez la preuve : un PDF, ou une image (un scan, une photo)."
AGAIN = "Joignez de nouveau la preuve : le navigateur ne la garde pas."


class SecondMemberForm(PasswordConfirmForm):
    """The second member signs with their password."""


class ProofForm(PasswordConfirmForm):
    """The password and the proof of an act; they are asked once the act was read again."""

    proof = FileField("La preuve", render_kw={"accept": ACCEPTED})

    def ask_later(self) -> bool:
        """Drop what is wrong with the password and the proof, and return whether the rest is right."""
        self.password.errors, self.proof.errors = [], []
        return not self.errors

    @property
    def brings_proof(self) -> bool:
        """Return whether a file came with the form."""
        return bool(self.proof.data and self.proof.data.filename)

    def check_proof(self) -> bool:
        """Return whether a file came; else have the field say what to do."""
        if not self.brings_proof:
            self.proof.errors = [MISSING]
        return self.brings_proof


class StatusChangeForm(ProofForm):
    """A later act: which, why, since when; for a withdrawal, when the person was heard (R10–R12)."""

    step = HiddenField(default="look")
    kind = RadioChoiceField("Décision", StatusChangeKind, missing="Choisissez la décision.", choices=KINDS)
    reason = MultiLineField("Motif", missing="Écrivez le motif de la décision.", limit=5000)
    decided_on = FrenchDateField("Date de la décision", missing="Donnez la date de la décision.")
    heard_on = FrenchDateField("Date à laquelle la personne a été entendue")
    bias = BooleanField(
        "L’annulation tient à la partialité d’un membre : le nouveau jury n’aura aucun membre de l’ancien"
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """A withdrawal is decided after the person was heard (R11)."""
        valid: bool = super().validate(extra_validators)
        if self.kind.data is StatusChangeKind.WITHDRAWAL and self.heard_on.data is None and not self.heard_on.errors:
            self.heard_on.errors = [
                "Donnez la date à laquelle la personne a été entendue : un retrait se décide après."
            ]
            return False
        return valid

    def value(self) -> StatusChange:
        """Return what was decided."""
        assert self.kind.data is not None  # the form was validated
        act = StatusChange(self.kind.data, self.reason.data or "", self.decided_on.data or date.min, self.heard_on.data)
        return replace(act, bias=bool(self.bias.data) and act.kind is StatusChangeKind.ANNULMENT)


class EquivalenceForm(PasswordConfirmForm):
    """Worth of holding one block for another one (R2 c).

    `page` offers the blocks: one of the two is of its version.
    """

    held_id = SelectChoiceField("Le bloc détenu", UUID, missing="Choisissez le bloc que la personne détient.")
    counts_for_id = SelectChoiceField(
        "Le bloc qu’il pourrait valoir", UUID, missing="Choisissez le bloc pour lequel il compterait."
    )
    kind = RadioChoiceField(
        "Équivalence", EquivalenceKind, missing="Choisissez ce que vaut le premier bloc.", choices=EQUIVALENCES
    )
    reason = MultiLineField(
        "Preuve ou motif",
        missing="Écrivez sur quoi repose cette décision : référentiels comparés, avis, acte.",
        limit=5000,
    )
    sure = ConfirmField(
        "J’ai relu cette décision. Les certificats qui en découlent ne se reprennent pas.",
        missing="Relisez la décision, puis cochez cette case : ce qu’elle donne ne se reprend pas.",
    )

    def __init__(self, page: Any, **more: Any) -> None:
        super().__init__(**more)
        # None is chosen beforehand: what this form does is not undone.
        self._here = {block_id for block_id, _name in page.here}
        for select_choice_field in (self.held_id, self.counts_for_id):
            select_choice_field.choices = pairs([("", "Choisissez un bloc"), *page.here, *page.elsewhere])

    def validate_counts_for_id(self, field: Any) -> None:
        """Two blocks of two versions, one of which is the one of the page."""
        mine = {self.held_id.data, field.data} & self._here
        if self.held_id.data and len(mine) != 1:
            raise ValidationError("Choisissez un bloc de cette version, et un bloc d’une autre.")

    def value(self) -> EquivalenceInput:
        """Return what was ruled."""
        assert self.held_id.data is not None  # the form was validated
        assert self.counts_for_id.data is not None
        assert self.kind.data is not None
        return EquivalenceInput(self.held_id.data, self.counts_for_id.data, self.kind.data, self.reason.data or "")


class IdenticalBlocksForm(PasswordConfirmForm):
    """The whole list of identical blocks, confirmed by one act; `seen` names the list that was shown."""

    seen = HiddenField()
    sure = ConfirmField(
        "J’ai relu cette liste. Chaque bloc compte pour l’autre ; ce que cela donne ne se reprend pas.",
        missing="Relisez la liste, puis cochez cette case : ce qu’elle donne ne se reprend pas.",
    )


_AT_LEAST_TWO = "Cochez au moins deux blocs : un bloc seul se décide sur la page des équivalences."
_AT_LEAST_ONE = "Cochez le bloc, ou les blocs, pour lesquels ils compteraient."


class GroupEquivalenceForm(PasswordConfirmForm):
    """Worth of several blocks held together for others (R2 c); one side is of the version of the page."""

    held = MultiChoiceField("Les blocs à détenir tous", UUID, missing=_AT_LEAST_TWO)
    counts_for = MultiChoiceField("Le bloc, ou les blocs, qu’ils pourraient valoir", UUID, missing=_AT_LEAST_ONE)
    kind = RadioChoiceField(
        "Équivalence", EquivalenceKind, missing="Choisissez ce que valent ces blocs ensemble.", choices=EQUIVALENCES
    )
    reason = MultiLineField(
        "Preuve ou motif",
        missing="Écrivez sur quoi repose cette décision : référentiels comparés, avis, acte.",
        limit=5000,
    )
    sure = ConfirmField(
        "J’ai relu cette décision. Les certificats qui en découlent ne se reprennent pas.",
        missing="Relisez la décision, puis cochez cette case : ce qu’elle donne ne se reprend pas.",
    )

    def __init__(self, page: Any, **more: Any) -> None:
        super().__init__(**more)
        for field in (self.held, self.counts_for):
            field.choices = pairs([*page.here, *page.elsewhere])

    def validate_held(self, field: Any) -> None:
        """One block alone is an equivalence of two blocks, which has its own page."""
        if len(set(field.data or [])) < 2:
            raise ValidationError(_AT_LEAST_TWO)

    def validate_counts_for(self, field: Any) -> None:
        """Something is obtained, and it is not one of the blocks held."""
        if set(field.data) & set(self.held.data or []):
            raise ValidationError("Un bloc ne compte pas pour lui-même : décochez-le d’un côté.")

    def value(self) -> GroupEquivalenceInput:
        """Return what was ruled."""
        assert self.kind.data is not None  # the form was validated
        held, counts_for = frozenset(self.held.data or []), frozenset(self.counts_for.data or [])
        return GroupEquivalenceInput(held, counts_for, self.kind.data, self.reason.data or "")


class AcquisitionForm(ProofForm):
    """A block acquired by another route, with its proof (R2 b)."""

    block_id = SelectChoiceField("Bloc", UUID, missing="Choisissez le bloc.")
    acquired_on = FrenchDateField("Date d’acquisition", missing="Donnez la date qui figure sur la preuve.")
    obtained_at = SingleLineField(
        "Où et comment il a été acquis", missing="Dites où et comment, comme l’écrit la preuve."
    )
    sure = ConfirmField(
        "J’ai vérifié cette preuve : elle est bien de cette personne, pour ce bloc. Le certificat est "
        "délivré aussitôt.",
        missing="Vérifiez la preuve, puis cochez cette case : le certificat délivré ne se reprend pas.",
    )

    def __init__(self, blocks: Any, **more: Any) -> None:
        super().__init__(**more)
        # None is chosen beforehand: what this form does is not undone.
        self.block_id.choices = pairs([("", "Choisissez un bloc"), *blocks])

    def lock(self, held: Set[UUID]) -> None:
        """Offer no block that is held already: the page shows it beside, with its ground."""
        self.block_id.choices = [choice for choice in self.block_id.choices if choice.value not in held]

    def value(self) -> AcquisitionInput:
        """Return what the proof says."""
        assert self.block_id.data is not None  # the form was validated
        assert self.acquired_on.data is not None
        return AcquisitionInput(self.block_id.data, self.acquired_on.data, self.obtained_at.data or "")


class IdentityForm(BirthForm, ProofForm):
    """The name and the birth to print from now on, why, and since when (R12)."""

    step = HiddenField(default="look")
    holder = SingleLineField("Nom imprimé", missing="Écrivez le nom à imprimer.")
    reason = MultiLineField(
        "Motif", missing="Dites ce qui était mal écrit, et sur quelle pièce vous l’avez vérifié.", limit=5000
    )
    decided_on = FrenchDateField("Date de la décision", missing="Donnez la date de la décision.")

    def __init__(self, today: date, identity: Identity | None = None, **more: Any) -> None:
        super().__init__(today, identity.birth if identity else None, **more)
        if identity is not None and not self.is_submitted():
            self.holder.data = identity.holder

    def identity(self) -> Identity:
        """Return who the certificates will say the holder is."""
        return Identity(self.holder.data or "", self.value())


class Direction(StrEnum):
    """Direction of an equivalence: which block a person holds."""

    HERE = "here"
    OTHER = "other"


class ProposalForm(PasswordConfirmForm):
    """Equivalence that the register proposes: which block counts, how much, and why; nothing is chosen beforehand,
    because it is not undone.
    """

    direction = RadioChoiceField("Le bloc que la personne détient", Direction, missing="Choisissez le bloc détenu.")
    kind = RadioChoiceField(
        "Équivalence", EquivalenceKind, missing="Choisissez ce que vaut le premier bloc.", choices=EQUIVALENCE_NAMES
    )
    reason = MultiLineField("Preuve ou motif", missing="Écrivez sur quoi repose cette décision.", limit=5000)
    sure = ConfirmField(
        "J’ai relu cette décision. Les certificats qui en découlent ne se reprennent pas.",
        missing="Relisez la décision, puis cochez cette case : ce qu’elle donne ne se reprend pas.",
    )

    def __init__(self, here: str, other: str, **more: Any) -> None:
        super().__init__(**more)
        self.direction.choices = [(Direction.HERE, here), (Direction.OTHER, other)]

    def value(self, block_id: UUID, other_id: UUID) -> EquivalenceInput:
        """Return the ruling."""
        typed: dict[str, Any] = self.data
        held, counts_for = (block_id, other_id) if typed["direction"] is Direction.HERE else (other_id, block_id)
        return EquivalenceInput(held, counts_for, typed["kind"], typed["reason"] or "")
