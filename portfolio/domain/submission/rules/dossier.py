"""The sealed dossier as frozen values: all that a jury reads, and nothing of the advisor or of the self-assessment.

Number the exhibits of a sealed dossier.

What stays of a sealed dossier once it is erased: what its minutes refer to, and no word of the candidate.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from portfolio.domain.assessment.rules import AssessmentKind, AssessmentOutcome
from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.certification.rules.book_frame import BookPart
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.rules.anchors import Anchor
from portfolio.domain.dossier.rules.citation import CitationUnit, citation_unit
from portfolio.domain.dossier.rules.description import Anonymity, Authorship, Confidentiality, EvidenceKind

FORMAT = "acquis-sealed-dossier"
# The record of the assessments of a route without a livret 2: nobody swears it, and it tells no narrative.
RECORD_FORMAT = "acquis-assessment-record"
VERSION = 1
# The version of a manifest whose claims also name regions and quoted passages.
ANCHORS_VERSION = 2
# The version of a manifest that also says how its certifier lays the book out.
FRAME_VERSION = 3
# The version of a record that also says where the paper that proves a result is kept.
PROOFS_VERSION = 4


@dataclass(frozen=True, slots=True)
class Header:
    """Header of the manifest: its kind, and which submission of the candidacy: 1, 2…"""

    number: int
    sealed_at: datetime
    format: str = FORMAT
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class SealedCertification:
    """The version of the certification that the dossier answers, in its own words."""

    code: str
    title: str
    version: int
    level: str
    body: str


@dataclass(frozen=True, slots=True)
class SealedSection:
    """A part of the book at its place, from 1, under the title that the certifier gives it; empty for the usual one."""

    number: int
    part: BookPart
    title: str


@dataclass(frozen=True, slots=True)
class SealedHeldBlock:
    """A block that was already held when the dossier was sealed: said, not presented again."""

    number: int
    title: str
    held_on: date
    certificate: str


@dataclass(frozen=True, slots=True)
class SealedStatement:
    """The sworn statement, word for word as it stood on the screen, and when it was signed."""

    text: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class SealedTexts:
    """Texts of the dossier as a whole."""

    career: str
    motivation: str
    conclusion: str


@dataclass(frozen=True, slots=True)
class SealedExperience:
    """A post held; `number` is its place in this dossier and what an exhibit refers to."""

    number: int
    structure: str
    post: str
    began_on: date | None
    ended_on: date | None
    context: str
    perimeter: str
    responsibilities: str


@dataclass(frozen=True, slots=True)
class SealedNarrative:
    """Narrative of one competency, from the four prompts."""

    situation: str
    actions: str
    choices: str
    result: str

    @property
    def is_empty(self) -> bool:
        """Return whether nothing at all is told."""
        return not (self.situation or self.actions or self.choices or self.result)


@dataclass(frozen=True, slots=True)
class SealedClaim:
    """This exhibit, at these pages or minutes, shows the competency, because…"""

    exhibit: str
    passage: str
    comment: str


@dataclass(frozen=True, slots=True)
class SealedAnchor:
    """A place that the claim of a competency names in an exhibit: a region of a page, or a quoted passage of its text.

    The sides of a region are in ten-thousandths of the page. `position` is that of the first character of the quote in
    the text of the page, `file_version` the version of the file on which the place was marked: that of the exhibit, or
    an earlier one.
    """

    exhibit: str
    file_version: int
    page: int
    left: int | None
    top: int | None
    right: int | None
    bottom: int | None
    quote: str
    position: int | None

    def to_value(self) -> Anchor:
        """Return the place as the rules of evidence know it."""
        sides = (self.left, self.top, self.right, self.bottom)
        region = (sides[0], sides[1], sides[2], sides[3]) if None not in sides else None
        return Anchor(self.file_version, self.page, region, self.quote, self.position)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class SealedCompetency:
    """A competency in the certification's words (number « 2.1 »), what is told of it, what is claimed for it."""

    number: str
    text: str
    narrative: SealedNarrative
    claims: tuple[SealedClaim, ...] = ()
    anchors: tuple[SealedAnchor, ...] = ()

    def anchors_in(self, exhibit: str) -> tuple[Anchor, ...]:
        """Return the places that its claim names in an exhibit (« B2-03 »)."""
        return tuple(anchor.to_value() for anchor in self.anchors if anchor.exhibit == exhibit)


@dataclass(frozen=True, slots=True)
class SealedBlock:
    """A block presented in this submission."""

    number: int
    title: str
    competencies: tuple[SealedCompetency, ...]


@dataclass(frozen=True, slots=True)
class SealedExhibit:
    """A piece of evidence under its label, what it says of itself, and the exact version of its file.

    `piece` is its number in the candidate's draft (« Pièce 7 »); `file_version` the version of its file, from
    1; `size` is in bytes, `sha256` in lowercase hexadecimal, of the whole file.
    """

    label: str
    piece: int
    title: str
    kind: EvidenceKind | None
    dated_from: date | None
    dated_to: date | None
    experience: int | None
    own_role: str
    authorship: Authorship | None
    own_part: str
    confidentiality: Confidentiality | None
    anonymity: Anonymity | None
    web_address: str
    captured_on: date | None
    name: str
    mime: str
    family: str
    pages: int | None
    size: int
    sha256: str
    file_version: int

    @property
    def measure(self) -> CitationUnit:
        """Return how passages of it are told."""
        return citation_unit(self.family, self.pages)


@dataclass(frozen=True, slots=True)
class SealedCohort:
    """The cohort with which the candidate goes before the jury; `key` is its id, in hexadecimal."""

    key: str
    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class SealedAssessment:
    """One recorded assessment: what was planned, for which block (None: the whole), when, by whom, with which outcome.

    `number` is its place in the record, `exhibit` the label of its document, if it has one; `proof` the words that find
    the paper that proves the results of its whole group.
    """

    number: int
    kind: AssessmentKind
    title: str
    block: int | None
    assessed_on: date
    examiner: str
    outcome: AssessmentOutcome
    detail: str
    exhibit: str | None
    recorded_at: datetime
    recorded_by: str
    proof: str | None = None

    @property
    def is_evidence(self) -> bool:
        """Return whether the candidate took it: one that was not taken shows nothing (R5)."""
        return self.outcome is not AssessmentOutcome.NOT_TAKEN


@dataclass(frozen=True, slots=True)
class SealedDossier:
    """Everything one submission seals. `blocks` are those presented, in the order of the certification.

    `sections` are empty in a book with the usual outline. An assessment record has no statement and no texts; its
    assessments, its cohort and the planned minutes of its defence are empty in a livret 2.
    """

    header: Header
    candidate: str
    certification: SealedCertification
    route: Route
    scope: Scope
    requested: tuple[int, ...]
    statement: SealedStatement | None
    texts: SealedTexts
    blocks: tuple[SealedBlock, ...]
    held_blocks: tuple[SealedHeldBlock, ...] = ()
    experiences: tuple[SealedExperience, ...] = ()
    exhibits: tuple[SealedExhibit, ...] = ()
    assessments: tuple[SealedAssessment, ...] = ()
    cohort: SealedCohort | None = None
    sections: tuple[SealedSection, ...] = ()

    @property
    def format_version(self) -> int:
        """Return the version of the format in which the dossier is sealed: the first one that can tell all of it."""
        if any(assessment.proof is not None for assessment in self.assessments):
            return PROOFS_VERSION
        if self.sections:
            return FRAME_VERSION
        has_anchors = any(competency.anchors for block in self.blocks for competency in block.competencies)
        return ANCHORS_VERSION if has_anchors else VERSION

    @property
    def is_record(self) -> bool:
        """Return whether it is the assessment record of a route without a livret 2."""
        return self.header.format == RECORD_FORMAT

    def assessments_of(self, block: int) -> tuple[SealedAssessment, ...]:
        """Return the assessments of a block, those of the whole certification included."""
        return tuple(assessment for assessment in self.assessments if assessment.block in (None, block))

    def shows(self, competency: str) -> int:
        """Return how many things are there to show a competency (« 2.1 »): its claims, or the assessments of
        its block (R5).
        """
        found = self.competency(competency)
        claims = len(found.claims) if found else 0
        return claims + sum(
            sealed_assessment.is_evidence for sealed_assessment in self.assessments_of(int(competency.split(".")[0]))
        )

    def exhibit(self, label: str) -> SealedExhibit | None:
        """Find an exhibit by its label."""
        return next((sealed_exhibit for sealed_exhibit in self.exhibits if sealed_exhibit.label == label), None)

    def competency(self, number: str) -> SealedCompetency | None:
        """Find a presented competency by its number, « 2.1 »."""
        return next(
            (
                sealed_competency
                for block in self.blocks
                for sealed_competency in block.competencies
                if sealed_competency.number == number
            ),
            None,
        )


def exhibit_labels(pieces: Mapping[int, Collection[tuple[int, int]]]) -> dict[int, str]:
    """Give each piece its exhibit label, in the order in which exhibits are listed [design].

    `pieces` maps the number of a piece in the draft to the competencies it is claimed for, each as (block,
    competency). A piece takes the block of its first claimed competency, in the order of the certification:
    « B2-03 » is the third exhibit of block 2. A piece without any claim is an annex: « A-01 ».
    """
    claimed = sorted((min(of), number) for number, of in pieces.items() if of)
    labels: dict[int, str] = {}
    counts: dict[int, int] = {}
    for (block, _competency), number in claimed:
        counts[block] = counts.get(block, 0) + 1
        labels[number] = f"B{block}-{counts[block]:02d}"
    annexes = sorted(number for number, of in pieces.items() if not of)
    labels |= {number: f"A-{rank:02d}" for rank, number in enumerate(annexes, start=1)}
    return labels


_NOTHING = SealedNarrative("", "", "", "")


def redact(dossier: SealedDossier, candidate: str) -> SealedDossier:
    """Return a dossier with the certification, the blocks asked for and the name given, and without a text or
    an exhibit.

    Its root is not the one that was sealed: the ledger says that the words were erased.
    """
    statement = replace(dossier.statement, text="") if dossier.statement is not None else None
    return replace(
        dossier,
        candidate=candidate,
        statement=statement,
        texts=SealedTexts("", "", ""),
        blocks=tuple(_redact_block(block) for block in dossier.blocks),
        experiences=(),
        exhibits=(),
        assessments=tuple(_redact_assessment(each) for each in dossier.assessments),
    )


def _redact_assessment(assessment: SealedAssessment) -> SealedAssessment:
    # Words that were sealed are emptied, not left out: the version of the format says that there were some.
    proof = None if assessment.proof is None else ""
    return replace(assessment, detail="", examiner="", exhibit=None, proof=proof)


def _redact_block(block: SealedBlock) -> SealedBlock:
    competencies = tuple(replace(each, narrative=_NOTHING, claims=(), anchors=()) for each in block.competencies)
    return replace(block, competencies=competencies)
