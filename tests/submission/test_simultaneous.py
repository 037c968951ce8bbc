"""Two tabs, twenty clicks, a save in the middle: one seal, and nothing written after it."""

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.rules.draft import GeneralText
from portfolio.domain.dossier.use_cases.texts import save_texts
from portfolio.domain.submission.rules.manifest import read_manifest
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.errors import Conflict, Refusal
from tests import factories
from tests.holdings.closings import SEALED_AT, STATEMENT

pytestmark = pytest.mark.both


def together(acts: list[Callable[[], object]]) -> Counter[str]:
    """Run every act at once; count what each came to."""
    gate, came_to = Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
            came_to.append("done")
        except (Refusal, Conflict) as no:
            came_to.append(str(getattr(no, "code", "conflict")))
        except Exception as fault:
            came_to.append(repr(fault))

    threads = [Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(came_to)


def test_twenty_submissions_at_once_make_one_seal_and_the_others_are_told(db: Database) -> None:
    with db.transaction() as session:
        world = factories.world(session)

    def act() -> None:
        with db.transaction() as session:
            submit(session, world.candidacy.id, STATEMENT, by=world.candidate.id, at=SEALED_AT)

    assert together([act] * 20) == {"done": 1, "dossier_sealed": 19}
    with db.reader() as session:
        assert len(session.scalars(select(Submission)).all()) == 1
        assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == "dossier_submitted")).all()) == 1


def test_a_text_saved_while_the_dossier_is_sealed_is_in_the_seal_or_refused(db: Database) -> None:
    with db.transaction() as session:
        world = factories.world(session)

    def seal() -> None:
        with db.transaction() as session:
            submit(session, world.candidacy.id, STATEMENT, by=world.candidate.id, at=SEALED_AT)

    def save(rank: int) -> Callable[[], None]:
        def act() -> None:
            with db.transaction() as session:
                texts = {GeneralText.CAREER: f"Texte {rank}"}
                revision = session.get_one(Dossier, world.candidacy.id).revision
                save_texts(session, world.candidacy.id, texts, revision, by=world.candidate.id, at=factories.AT)

        return act

    came_to = together([seal, *(save(rank) for rank in range(15))])
    assert set(came_to) <= {"done", "dossier_sealed", "conflict"}
    with db.reader() as session:
        (row,) = session.scalars(select(Submission))
        assert read_manifest(row.manifest).texts.career == session.get_one(Dossier, world.candidacy.id).career
