"""Values that programs send and read. Their fields are the contract: a field is added, never renamed or removed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from portfolio.domain.api_access.rules import EventType
from portfolio.domain.candidacy.rules.deadlines import DeadlineKind, Regime
from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.candidacy.rules.stage import Stage
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.holdings.rules.completion import Label
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.jury.rules.enums import Outcome

Line = Annotated[str, Meta(min_length=1, max_length=200)]
Reference = Annotated[str, Meta(min_length=1, max_length=100)]
Limit = Annotated[int, Meta(ge=1, le=200)]


class Pages(Struct, forbid_unknown_fields=True):
    """A page of a list, from its cursor."""

    cursor: Annotated[str, Meta(max_length=100)] = ""
    limit: Limit = 50


class Changes(Struct, forbid_unknown_fields=True):
    """Changes after a number, in the order of the changes."""

    changed_since: Annotated[int, Meta(ge=0, le=2**62)] = 0
    limit: Limit = 50


class ResultChanges(Changes):
    """The same, of one candidacy alone."""

    candidacy: UUID | None = None


class CandidacyChanges(Changes):
    """The same, of one stage alone."""

    stage: Stage | None = None


class PersonValue(Struct):
    """A person, as the body named them."""

    name: str
    email: str


class BlockRef(Struct):
    """A block, by its number in the version."""

    number: int
    title: str


class CertificationRef(Struct):
    """A version of a certification."""

    code: str
    version: int
    title: str


class DeadlineValue(Struct):
    """A delay that runs, or that passed without a ruling."""

    kind: DeadlineKind
    until: date


class CandidacyValue(Struct):
    """A candidacy: where it is on its path, and nothing of what the dossier holds. `candidate` is null once the
    dossier is erased.
    """

    id: UUID
    changed_seq: int
    external_reference: str | None
    certification: CertificationRef
    route: Route
    procedure: Regime
    scope: Scope
    blocks: list[BlockRef]
    stage: Stage
    stage_since: datetime
    opened_at: datetime
    admissible_on: date
    candidate: PersonValue | None
    advisor: PersonValue | None
    jury_on: date | None
    session_id: UUID | None
    deadlines: list[DeadlineValue]
    url: str


class CandidacyPage(Struct):
    """Candidacies in the order of their changes; `next` is the `changed_since` of the next call, to be kept."""

    candidacies: list[CandidacyValue]
    next: int
    has_more: bool


class OpeningLine(Struct, forbid_unknown_fields=True):
    """A candidacy to open."""

    name: Line
    email: Annotated[str, Meta(min_length=3, max_length=254)]
    certification: Annotated[str, Meta(min_length=1, max_length=40)]
    admissible_on: date
    version: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    external_reference: Reference | None = None
    route: Route = Route.VAE
    procedure: Regime = Regime.FRANCE_VAE
    blocks: Annotated[list[Annotated[int, Meta(ge=1, le=200)]], Meta(max_length=200)] = []
    advisor: OpeningPerson | None = None
    postal_address: Annotated[str, Meta(max_length=500)] = ""
    route_confirmed: bool = False
    route_override: Annotated[str, Meta(max_length=2000)] = ""
    expiry_override: Annotated[str, Meta(max_length=2000)] = ""


class OpeningPerson(Struct, forbid_unknown_fields=True):
    """An advisor to give the candidacy to."""

    name: Line
    email: Annotated[str, Meta(min_length=3, max_length=254)]


class Opening(Struct, forbid_unknown_fields=True):
    """Candidacies to open, one to a hundred."""

    candidacies: Annotated[list[OpeningLine], Meta(min_length=1, max_length=100)]


class OpenedLine(Struct):
    """Outcome of one line: `opened`, `known` (its reference is that of a candidacy opened before), `refused`."""

    index: int
    outcome: str
    id: UUID | None = None
    external_reference: str | None = None
    code: str = ""
    sentence: str = ""


class Opened(Struct):
    """Outcomes of the lines, with their numbers."""

    opened: int
    known: int
    refused: int
    lines: list[OpenedLine]


class Invited(Struct):
    """A new invitation was written; the link of the former one no longer serves."""

    id: UUID


class SessionValue(Struct):
    """A day on which a jury sits."""

    id: UUID
    certification: CertificationRef
    route: Route | None
    held_on: date
    place: str
    start: str | None
    end: str | None
    is_cancelled: bool
    members: int
    candidacies: list[UUID]


class SessionPage(Struct):
    """Sessions, the latest first; `next` is the cursor of the next page, null at the end."""

    sessions: list[SessionValue]
    next: str | None


class DecidedBlock(Struct):
    """Decision of a jury on a block, and what it is worth today."""

    number: int
    title: str
    outcome: Outcome
    status: GrantStatus | None
    certificate: str | None


class ResultValue(Struct):
    """A result that was notified: the last jury of a candidacy, block by block."""

    candidacy_id: UUID
    changed_seq: int
    external_reference: str | None
    result: Label | None
    decided_on: date
    notified_at: datetime
    minutes: str
    blocks: list[DecidedBlock]


class ResultPage(Struct):
    """Results in the order of the changes of their candidacies."""

    results: list[ResultValue]
    next: int
    has_more: bool


class CertificateValue(Struct):
    """A certificate, and what it is worth today."""

    number: str
    changed_seq: int
    is_whole: bool
    status: GrantStatus
    obtained_on: date
    holder: str
    certification: CertificationRef
    block: BlockRef | None
    url: str
    pdf: str


class CertificatePage(Struct):
    """Certificates in the order of their changes."""

    certificates: list[CertificateValue]
    next: int
    has_more: bool


class CompetencyValue(Struct):
    """A competency of a block."""

    number: int
    text: str


class BlockValue(Struct):
    """A block of a published version."""

    number: int
    title: str
    option: str | None
    competencies: list[CompetencyValue]


class CertificationValue(Struct):
    """A published version, on which candidacies are opened."""

    code: str
    version: int
    title: str
    level: str
    routes: list[Route]
    blocks: list[BlockValue]


class CertificationList(Struct):
    """The published versions, the latest of each certification first."""

    certifications: list[CertificationValue]


class TokenValue(Struct):
    """The token that calls."""

    name: str
    body: str
    scopes: list[str]
    expires_at: datetime


class NewWebhook(Struct, forbid_unknown_fields=True):
    """An address to tell, and of what."""

    url: Annotated[str, Meta(min_length=9, max_length=500)]
    events: Annotated[list[EventType], Meta(min_length=1, max_length=20)]


class WebhookValue(Struct):
    """An address that is told of events; `stopped_at` is when it was given up, having taken nothing for five days."""

    id: UUID
    url: str
    events: list[str]
    made_at: datetime
    stopped_at: datetime | None
    waiting: int


class MadeWebhook(Struct):
    """A new address, with the secret that signs its messages: it is told once, and not by a repeated call."""

    webhook: WebhookValue
    secret: str


class WebhookList(Struct):
    """The addresses of the body, the last made first."""

    webhooks: list[WebhookValue]


class FiguresOf(Struct, forbid_unknown_fields=True):
    """The figures of one year of juries and of one certification, or all of them."""

    year: Annotated[int, Meta(ge=2000, le=2100)] | None = None
    certification: Annotated[str, Meta(max_length=40)] | None = None


class StepFigure(Struct):
    """A step, and the number of candidacies that reached it."""

    step: str
    number: int


class BlockFigure(Struct):
    """Decisions of juries on a block."""

    certification: str
    block: int
    title: str
    presented: int
    granted: int
    refused: int


class YearFigure(Struct):
    """Numbers that the renewal of a registration asks, for one year."""

    year: int
    certified: int
    by_vae: int
    blocks: int


class DelayFigure(Struct):
    """Days between two steps; null without a dossier."""

    dossiers: int
    median: float | None
    longest: int | None


class FiguresValue(Struct):
    """The figures that the page of the body shows, and no person."""

    heard: int
    absent: int
    void: int
    steps: list[StepFigure]
    blocks: list[BlockFigure]
    years: list[YearFigure]
    to_jury: DelayFigure
    to_letter: DelayFigure
    late_letters: int
