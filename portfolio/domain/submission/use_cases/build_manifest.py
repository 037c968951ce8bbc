"""From the rows of a draft to the dossier that is sealed: what is presented, and nothing of the advisor."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Protocol, cast
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.certification.rules.book_frame import Frame, changes_outline, whole_frame
from portfolio.domain.dossier.models.dossier import Claim, Dossier, Experience, Narrative
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, is_joined
from portfolio.domain.dossier.rules.anchors import anchors_from_json
from portfolio.domain.dossier.use_cases.next_dossier import postponed_blocks
from portfolio.domain.holdings.use_cases.holdings import HeldBlock, block_statuses
from portfolio.domain.submission.rules.dossier import (
    Header,
    SealedAnchor,
    SealedBlock,
    SealedCertification,
    SealedClaim,
    SealedCompetency,
    SealedDossier,
    SealedExhibit,
    SealedExperience,
    SealedHeldBlock,
    SealedNarrative,
    SealedSection,
    SealedStatement,
    SealedTexts,
    exhibit_labels,
)

SILENT = SealedNarrative("", "", "", "")


class DraftClaim(Protocol):
    """The columns of a claim that a seal looks at: a dossier has thousands, read without entities."""

    evidence_id: UUID
    competency_id: UUID
    passage: str
    comment: str
    anchors: list[dict[str, Any]] | None


@dataclass(frozen=True)
class DraftRows:
    """The rows of a draft that a seal looks at, read in a constant number of queries.

    `presented` are the blocks asked for, neither held nor suspended (R6, R10), nor kept for later
    (`postponed`); `pieces` those that serve one of them or none at all, each with its current file: a piece
    claimed only for other blocks has nothing to prove now (domain §5).
    """

    candidacy: Candidacy
    dossier: Dossier
    held: dict[UUID, HeldBlock]
    suspended: dict[UUID, HeldBlock]
    presented: tuple[Block, ...]
    experiences: tuple[Experience, ...]
    narratives: dict[UUID, Narrative]
    claims: tuple[DraftClaim, ...]
    pieces: tuple[tuple[Evidence, EvidenceFile], ...]
    left_out: int
    postponed: tuple[Block, ...] = ()

    @cached_property
    def labels(self) -> dict[int, str]:
        """Return the exhibit label of each piece, by its number in the draft."""
        places = {
            competency.id: (block.number, competency.number)
            for block in self.presented
            for competency in block.competencies
        }
        claimed: dict[int, list[tuple[int, int]]] = {number: [] for number in self.numbers.values()}
        for claim in self.claims:
            claimed[self.numbers[claim.evidence_id]].append(places[claim.competency_id])
        return exhibit_labels(claimed)

    @cached_property
    def numbers(self) -> dict[UUID, int]:
        """Return the number of each piece in the draft."""
        return {piece.id: piece.number for piece, _ in self.pieces}


def load_draft_rows(session: Session, candidacy_id: UUID, on: date | None = None) -> DraftRows:
    """Read a draft as it stands; raises NoResultFound for an unknown candidacy."""
    candidacy = read_candidacy(session, candidacy_id)
    statuses = block_statuses(session, candidacy.candidate_id, candidacy.version_id, on=on)
    postponed = postponed_blocks(session, candidacy_id)
    kept_out = statuses.held.keys() | statuses.suspended.keys() | postponed
    presented = tuple(block for block in candidacy.blocks if block.id not in kept_out)
    claims = _claims(session, candidacy_id)
    competencies = {competency.id for block in presented for competency in block.competencies}
    serving = tuple(claim for claim in claims if claim.competency_id in competencies)
    idle = {claim.evidence_id for claim in claims} - {claim.evidence_id for claim in serving}
    pieces = _pieces(session, candidacy_id)
    return DraftRows(
        candidacy=candidacy,
        dossier=session.get_one(Dossier, candidacy_id),
        held=statuses.held,
        suspended=statuses.suspended,
        presented=presented,
        postponed=tuple(block for block in candidacy.blocks if block.id in postponed - statuses.held.keys()),
        experiences=load_experiences(session, candidacy_id),
        narratives=load_narratives(session, candidacy_id, competencies),
        claims=serving,
        pieces=tuple((piece, file) for piece, file in pieces if piece.id not in idle),
        left_out=len(idle),
    )


def read_candidacy(session: Session, candidacy_id: UUID) -> Candidacy:
    version = joinedload(Candidacy.version)
    query = (
        select(Candidacy)
        .where(Candidacy.id == candidacy_id)
        .options(
            joinedload(Candidacy.candidate),
            selectinload(Candidacy.blocks).selectinload(Block.competencies),
            version.joinedload(CertificationVersion.certification).joinedload(Certification.body),
        )
    )
    return session.scalars(query).one()


def _claims(session: Session, candidacy_id: UUID) -> tuple[DraftClaim, ...]:
    query = (
        select(Claim.evidence_id, Claim.competency_id, Claim.passage, Claim.comment, Claim.anchors)
        .join(Claim.evidence)
        .where(Claim.candidacy_id == candidacy_id, is_joined(Evidence))
    )
    return cast(tuple[DraftClaim, ...], tuple(session.execute(query)))


def _pieces(session: Session, candidacy_id: UUID) -> list[tuple[Evidence, EvidenceFile]]:
    last = select(func.max(EvidenceFile.number)).where(EvidenceFile.evidence_id == Evidence.id).correlate(Evidence)
    rows = session.execute(
        select(Evidence, EvidenceFile)
        .join(EvidenceFile, (EvidenceFile.evidence_id == Evidence.id) & (EvidenceFile.number == last.scalar_subquery()))
        .where(Evidence.candidacy_id == candidacy_id, is_joined(Evidence))
    )
    return [(piece, file) for piece, file in rows]


def load_experiences(session: Session, candidacy_id: UUID) -> tuple[Experience, ...]:
    rows = session.scalars(select(Experience).where(Experience.candidacy_id == candidacy_id))
    return tuple(sorted(rows, key=lambda row: (row.began_on or date.max, row.structure, row.id)))


def load_narratives(session: Session, candidacy_id: UUID, competencies: Collection[UUID]) -> dict[UUID, Narrative]:
    query = select(Narrative).where(Narrative.candidacy_id == candidacy_id, Narrative.competency_id.in_(competencies))
    return {row.competency_id: row for row in session.scalars(query)}


def dossier_of(rows: DraftRows, header: Header, statement: str) -> SealedDossier:
    """Turn the rows of a draft into the dossier that is sealed, signed at the moment of the header."""
    labels = rows.labels
    numbers = {row.id: rank for rank, row in enumerate(rows.experiences, start=1)}
    exhibits = [exhibit_of(labels[piece.number], piece, file, numbers) for piece, file in rows.pieces]
    order = {label: rank for rank, label in enumerate(labels.values())}
    dossier = SealedDossier(
        header=header,
        candidate=rows.candidacy.candidate_name,
        certification=certification_of(rows.candidacy),
        route=rows.candidacy.route,
        scope=rows.candidacy.scope,
        requested=tuple(block.number for block in rows.candidacy.blocks),
        statement=SealedStatement(statement, header.sealed_at),
        texts=SealedTexts(rows.dossier.career, rows.dossier.motivation, rows.dossier.conclusion),
        blocks=_blocks(rows, labels),
        held_blocks=held_of(rows.held),
        experiences=tuple(experience_of(numbers[row.id], row) for row in rows.experiences),
        exhibits=tuple(sorted(exhibits, key=lambda exhibit: order[exhibit.label])),
        sections=sections_of(rows.candidacy.version.frame),
    )
    return replace(dossier, header=replace(header, version=dossier.format_version))


def sections_of(frame: Frame) -> tuple[SealedSection, ...]:
    """Return the parts of the book as a seal tells them; none when they are laid out as usual."""
    if not changes_outline(frame):
        return ()
    return tuple(SealedSection(rank, section.part, section.title) for rank, section in enumerate(whole_frame(frame), 1))


def certification_of(candidacy: Candidacy) -> SealedCertification:
    """Return the version of the certification that a candidacy answers, in its own words."""
    version = candidacy.version
    certification = version.certification
    return SealedCertification(
        certification.code, version.title, version.number, version.level, certification.body.name
    )


def held_of(held: dict[UUID, HeldBlock]) -> tuple[SealedHeldBlock, ...]:
    """Return the blocks held before, as a seal tells them."""
    return tuple(
        SealedHeldBlock(held_block.block_number, held_block.title, held_block.granted_on, held_block.number)
        for held_block in held.values()
    )


def _blocks(rows: DraftRows, labels: dict[int, str]) -> tuple[SealedBlock, ...]:
    claims: defaultdict[UUID, list[SealedClaim]] = defaultdict(list)
    anchors: defaultdict[UUID, list[SealedAnchor]] = defaultdict(list)
    rank = {number: at for at, number in enumerate(labels)}
    for claim in sorted(rows.claims, key=lambda draft_claim: rank[rows.numbers[draft_claim.evidence_id]]):
        label = labels[rows.numbers[claim.evidence_id]]
        claims[claim.competency_id].append(SealedClaim(label, claim.passage, claim.comment))
        anchors[claim.competency_id] += anchors_of(claim, label)
    return tuple(
        SealedBlock(
            block.number,
            block.title,
            tuple(
                SealedCompetency(
                    f"{block.number}.{competency.number}",
                    competency.text,
                    narrative_of(rows.narratives.get(competency.id)),
                    tuple(claims[competency.id]),
                    tuple(anchors[competency.id]),
                )
                for competency in block.competencies
            ),
        )
        for block in rows.presented
    )


def anchors_of(claim: DraftClaim, label: str) -> list[SealedAnchor]:
    """Return the places that a claim names in its exhibit, as a seal tells them."""
    found = []
    for anchor in anchors_from_json(claim.anchors):
        left, top, right, bottom = anchor.region or (None, None, None, None)
        place = (label, anchor.file_version, anchor.page)
        found.append(SealedAnchor(*place, left, top, right, bottom, anchor.quote, anchor.position))
    return found


def narrative_of(row: Narrative | None) -> SealedNarrative:
    return SealedNarrative(row.situation, row.actions, row.choices, row.result) if row else SILENT


def experience_of(number: int, row: Experience) -> SealedExperience:
    return SealedExperience(
        number, row.structure, row.post, row.began_on, row.ended_on, row.context, row.perimeter, row.responsibilities
    )


def exhibit_of(label: str, piece: Any, file: Any, experiences: dict[UUID, int]) -> SealedExhibit:
    """Return an exhibit as a seal tells it; `piece` and `file` are rows of the tables, or of the columns read here."""
    return SealedExhibit(
        label=label,
        piece=piece.number,
        title=piece.title,
        kind=piece.kind,
        dated_from=piece.dated_from,
        dated_to=piece.dated_to,
        experience=experiences.get(piece.experience_id) if piece.experience_id else None,
        own_role=piece.own_role,
        authorship=piece.authorship,
        own_part=piece.own_part,
        confidentiality=piece.confidentiality,
        anonymity=piece.anonymity,
        web_address=piece.web_address,
        captured_on=piece.captured_on,
        name=file.name,
        mime=file.mime,
        family=file.family,
        pages=file.pages,
        size=file.size,
        sha256=file.sha256,
        file_version=file.number,
    )
