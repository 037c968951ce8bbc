"""A candidate writes their dossier, piece by piece, then seals it; a piece is replaced, a draft opened again."""

import io
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from demo.builder import Stage, Walk
from demo.persona import Exhibit, Life
from demo.sample_documents import content_of
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.description import CoverNote
from portfolio.domain.dossier.rules.draft import NarrativeText
from portfolio.domain.dossier.rules.texts import ClaimText
from portfolio.domain.dossier.use_cases.claims import add_claims
from portfolio.domain.dossier.use_cases.evidence import add_evidence, describe_evidence, replace_file
from portfolio.domain.dossier.use_cases.texts import add_experience, save_narrative, save_texts
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile, UploadBatch, upload_batch
from portfolio.domain.submission.use_cases.submit import open_next_draft, submit
from portfolio.wording.submission import statement_of


@dataclass(frozen=True)
class Written:
    """What a draft holds, in the order of the life that was told."""

    posts: list[UUID]
    pieces: list[UUID]


def fill(stage: Stage, walk: Walk, life: Life, at: datetime) -> Written:
    """Write everything a life tells: posts, pieces, claims, stories, texts."""
    with stage.database.transaction() as session:
        posts = [add_experience(session, walk.candidacy_id, post, by=walk.candidate_id, at=at) for post in life.posts]
    pieces = send(stage, walk, life, posts, at + timedelta(days=1))
    tell(stage, walk, life.stories, at + timedelta(days=2))
    with stage.database.transaction() as session:
        revision = session.get_one(Dossier, walk.candidacy_id).revision
        done = at + timedelta(days=3)
        save_texts(session, walk.candidacy_id, life.texts, revision, by=walk.candidate_id, at=done)
    return Written(posts, pieces)


def send(stage: Stage, walk: Walk, life: Life, posts: Sequence[UUID], at: datetime) -> list[UUID]:
    """Upload pieces, describe each, claim what it shows."""
    with upload_batch(stage.files, stage.limit) as batch:
        received = _receive(batch, life)
        with stage.database.transaction() as session:
            pieces = add_evidence(session, walk.candidacy_id, received, by=walk.candidate_id, at=at)
            for number, (piece_id, exhibit) in enumerate(zip(pieces, life.exhibits, strict=True), 1):
                moment = at + timedelta(minutes=11 * number)
                _describe(session, walk, piece_id, exhibit, posts[exhibit.post] if posts else None, moment)
                for label, text in exhibit.claims.items():
                    _claim(stage, session, walk, piece_id, label, text, moment)
        batch.keep()
    return pieces


def _receive(batch: UploadBatch, life: Life) -> list[ReceivedFile]:
    """Receive files as an upload does; two at a time, for each is opened by a child process."""

    def take(exhibit: Exhibit) -> ReceivedFile:
        return batch.store_file(exhibit.file, io.BytesIO(content_of(exhibit.paper, life.house, exhibit.month)))

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(take, life.exhibits))


def _describe(session: Session, walk: Walk, piece_id: UUID, exhibit: Exhibit, post: UUID | None, at: datetime) -> None:
    said = CoverNote(
        title=exhibit.title,
        kind=exhibit.kind,
        dated_from=exhibit.dated,
        dated_to=exhibit.until,
        experience_id=post,
        own_role=exhibit.role,
        authorship=exhibit.authorship,
        own_part=exhibit.part,
        confidentiality=exhibit.confidentiality,
        anonymity=exhibit.anonymity,
    )
    revision = session.get_one(Evidence, piece_id).revision
    describe_evidence(session, walk.candidacy_id, piece_id, said, revision, by=walk.candidate_id, at=at)


def _claim(
    stage: Stage, session: Session, walk: Walk, piece_id: UUID, label: str, text: ClaimText, at: datetime
) -> None:
    wanted = [stage.competencies[label]]
    add_claims(session, walk.candidacy_id, piece_id, wanted, text, by=walk.candidate_id, at=at)


def tell(stage: Stage, walk: Walk, stories: Mapping[str, NarrativeText], at: datetime, revision: int = 0) -> None:
    """Save the story of each competency, an hour apart; `revision` is what the author had read of them."""
    with stage.database.transaction() as session:
        for number, (label, story) in enumerate(stories.items()):
            moment = at + timedelta(hours=number % 9)
            competency = stage.competencies[label]
            save_narrative(session, walk.candidacy_id, competency, story, revision, by=walk.candidate_id, at=moment)


def replace(stage: Stage, walk: Walk, life: Life, piece: tuple[int, UUID], at: datetime) -> None:
    """Send a newer file for a piece: the earlier one stays, and a mark that saw it becomes outdated."""
    number, piece_id = piece
    exhibit = life.exhibits[number - 1]
    with upload_batch(stage.files, stage.limit) as batch:
        content = content_of(exhibit.paper, life.house, exhibit.month, 2)
        received = batch.store_file(exhibit.file.replace("-v1.", "-v2."), io.BytesIO(content))
        with stage.database.transaction() as session:
            replace_file(session, walk.candidacy_id, piece_id, received, by=walk.candidate_id, at=at)
        batch.keep()


def seal(stage: Stage, walk: Walk, at: datetime) -> UUID:
    """Sign the sworn statement and seal the draft; answer the submission."""
    with stage.database.transaction() as session:
        statement = statement_of(walk.name, stage.title, stage.code)
        return submit(session, walk.candidacy_id, statement, by=walk.candidate_id, at=at).id


def prepare_next(stage: Stage, walk: Walk, at: datetime) -> None:
    """Open the draft again for the blocks that are missing."""
    with stage.database.transaction() as session:
        open_next_draft(session, walk.candidacy_id, by=walk.candidate_id, at=at)
