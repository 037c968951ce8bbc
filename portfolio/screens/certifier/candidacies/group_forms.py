"""Forms of an act on many candidacies: each carries the candidacies that its page showed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from wtforms import HiddenField
from wtforms.validators import Length

from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.group_acts.rules import MAX_CANDIDACIES, GroupActKind
from portfolio.domain.group_acts.use_cases.orders import OrderedAct
from portfolio.screens.account.login.forms import EmailField
from portfolio.web.forms import IdempotentForm, MultiLineField, SingleLineField

_ID_CHARS = 32


def join_ids(ids: Collection[UUID]) -> str:
    """Return ids as one field carries them."""
    return "".join(each.hex for each in ids)


def split_ids(text: str) -> tuple[UUID, ...]:
    """Read ids back; empty when they cannot be read or are too many."""
    if len(text) % _ID_CHARS or len(text) > MAX_CANDIDACIES * _ID_CHARS:
        return ()
    try:
        return tuple(UUID(text[start : start + _ID_CHARS]) for start in range(0, len(text), _ID_CHARS))
    except ValueError:
        return ()


class GroupActForm(IdempotentForm):
    """An act that needs no word: a new invitation."""

    acte = HiddenField()
    ids = HiddenField(validators=[Length(max=MAX_CANDIDACIES * _ID_CHARS)])
    kind = GroupActKind.INVITE

    @property
    def chosen(self) -> Sequence[UUID]:
        """The candidacies that the page showed."""
        return split_ids(self.ids.data or "")

    def value(self) -> OrderedAct:
        """What is ordered."""
        return OrderedAct(self.kind)


class GroupAdvisorForm(GroupActForm):
    """Who is to accompany them."""

    name = SingleLineField("Prénom et nom", missing="Donnez le nom de cette personne.")
    email = EmailField("Adresse électronique", missing="Donnez l’adresse : l’invitation y est envoyée.")
    kind = GroupActKind.ASSIGN

    def value(self) -> OrderedAct:
        """What is ordered."""
        return OrderedAct(self.kind, advisor=PersonInput(self.email.data, self.name.data))


class GroupLetterForm(GroupActForm):
    """What is written to them."""

    subject = SingleLineField("Objet", missing="Donnez un objet : c’est ce que la personne lit d’abord.")
    text = MultiLineField("Texte", missing="Écrivez le texte du courrier.", limit=5_000)
    kind = GroupActKind.WRITE

    def value(self) -> OrderedAct:
        """What is ordered."""
        return OrderedAct(self.kind, subject=self.subject.data, text=self.text.data)


FORMS: dict[GroupActKind, type[GroupActForm]] = {
    GroupActKind.INVITE: GroupActForm,
    GroupActKind.ASSIGN: GroupAdvisorForm,
    GroupActKind.WRITE: GroupLetterForm,
}
