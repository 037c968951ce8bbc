"""The rest of a register entry in its published data: organisations, acts, texts, statistics,
correspondences.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct


class ActKind(StrEnum):
    """The three lists of acts of an entry: PUBLICATION_DECRET_GENERAL, _CREATION, _AUTRE."""

    GENERAL = "general"
    CREATION = "creation"
    OTHER = "other"


class Habilitation(StrEnum):
    """What a partner may do for the certifier."""

    TRAIN = "train"
    ORGANISE = "organise"
    BOTH = "train_and_organise"


class HabilitationState(StrEnum):
    """Whether a partner's habilitation holds, as the register last wrote it."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    REMOVED = "removed"


class CutRule(StrEnum):
    """Where the text of a block was cut into competencies, from the surest rule to the loosest."""

    CODES = "codes"
    NUMBERS = "numbers"
    BULLETS = "bullets"
    LINES = "lines"
    SEMICOLONS = "semicolons"
    CAPITALS = "capitals"
    WHOLE = "whole"


class DetailValue(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A frozen value that is its own JSON schema: a field without a default has to be there, an empty one is
    not written.
    """


class Labelled(DetailValue, frozen=True):
    """A code of a nomenclature with its label."""

    code: str
    label: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.code, self.label)))


class RegisteredCertifier(DetailValue, frozen=True):
    """A certifier of the entry; `is_active` is None when the entry does not say."""

    name: str
    siret: str | None = None
    is_active: bool | None = None
    trade_name: str | None = None
    website: str | None = None


class Partner(DetailValue, frozen=True):
    """A partner of the certifier; None where the entry does not say, or writes a word that is not known."""

    name: str
    siret: str | None = None
    habilitation: Habilitation | None = None
    state: HabilitationState | None = None
    active_since: date | None = None


class Act(DetailValue, frozen=True):
    """An act that the entry cites, with the day of its publication."""

    kind: ActKind
    title: str
    published_on: date | None = None


class Correspondence(DetailValue, frozen=True):
    """Blocks of this entry (by code) that the register declares equivalent to blocks of another: a proposal,
    not a grant.
    """

    blocks: tuple[str, ...]
    entry: str
    other_blocks: tuple[str, ...]


class CohortStatistics(DetailValue, frozen=True):
    """What the entry says of one year's holders; rates as they are written."""

    year: str
    holders: int | None = None
    holders_vae: int | None = None
    rates: tuple[Labelled, ...] = ()


class Passage(DetailValue, frozen=True):
    """A free text of the entry under the name of its element (ACTIVITES_VISEES); line ends kept."""

    name: str
    text: str


class EntryDetails(DetailValue, frozen=True):
    """Everything the published data says beside blocks, routes and registrations.

    An absent answer is None, never « no ».
    """

    award: Labelled | None = None
    page_state: str | None = None
    is_active: bool | None = None
    registration_kind: str | None = None
    delivery_until: date | None = None
    web_address: str | None = None
    new_caledonia: bool | None = None
    french_polynesia: bool | None = None
    predecessors: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()
    nsf: tuple[Labelled, ...] = ()
    rome: tuple[Labelled, ...] = ()
    formacodes: tuple[Labelled, ...] = ()
    agreements: tuple[Labelled, ...] = ()
    certifiers: tuple[RegisteredCertifier, ...] = ()
    partners: tuple[Partner, ...] = ()
    acts: tuple[Act, ...] = ()
    passages: tuple[Passage, ...] = ()
    statistics: tuple[CohortStatistics, ...] = ()
    correspondences: tuple[Correspondence, ...] = ()
