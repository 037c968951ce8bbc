"""One page records every finding and decision of a hearing: a block that is acquired is one answer."""

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft
from portfolio.domain.jury_session.use_cases.hearing_page import HearingPageData, load_hearing_page
from tests.jury.builders import Scene
from tests.jury.pages import as_member, count, hearing, staged
from tests.page import CheckedClient


@pytest.fixture
def made(store: Database) -> Scene:
    return staged(store)


def page_of(store: Database, made: Scene) -> HearingPageData:
    with store.reader() as session:
        return load_hearing_page(session, made.hearing_id)


def revisions(page: HearingPageData) -> dict[str, str]:
    lines = {f"c{line.label}-revision": str(line.revision) for _, line in page.lines}
    return lines | {f"b{block.number}-revision": str(block.revision) for block in page.blocks if block.open}


def whole(page: HearingPageData) -> dict[str, str]:
    open_blocks = [block for block in page.blocks if block.open]
    answers = {f"tout{block.number}-whole": "y" for block in open_blocks}
    return answers | {f"tout{block.number}-ground": "demonstrated_at_interview" for block in open_blocks}


def test_a_hearing_is_found_and_decided_with_one_answer_a_block(client: CheckedClient, made: Scene, store: Database):
    as_member(client, made)
    url, page = f"{hearing(made)}/constats", page_of(store, made)
    answers = whole(page)
    assert len([name for name in answers if name.endswith("whole")]) + 1 <= 12, "a tick a block, and one button"
    assert client.send(url, revisions(page) | answers).status_code == 303
    found = page_of(store, made)
    assert all(line.finding and line.finding.value == "acquired" for _, line in found.lines)
    assert all(
        block.decision and block.decision.outcome == "validated" and not block.faults
        for block in found.blocks
        if block.open
    )


def test_a_block_without_evidence_asks_once_where_it_was_shown(client: CheckedClient, store: Database):
    made = staged(store, filled=False)
    as_member(client, made)
    url, page = f"{hearing(made)}/constats", page_of(store, made)
    answers = revisions(page) | {name: value for name, value in whole(page).items() if name.endswith("whole")}
    response = client.send(url, answers)
    assert response.status_code == 422
    assert "Dites où ont été démontrées les compétences sans pièce." in response.text
    assert count(store, FindingDraft) == 0


def test_each_answer_is_kept_all_or_none_and_what_was_typed_stays(client: CheckedClient, made: Scene, store: Database):
    as_member(client, made)
    url, page = f"{hearing(made)}/constats", page_of(store, made)
    block = next(block for block in page.blocks if block.open)
    first, second = block.competencies[:2]
    typed = revisions(page) | {
        f"c{first.label}-value": "acquired",
        f"c{second.label}-value": "partially",
        f"c{second.label}-reason": "Peu d’exemples.",
        f"b{block.number}-outcome": "not_validated",
        f"b{block.number}-reason": "Il manque une preuve.",
        f"b{block.number}-recommendation": "Un rapport.",
    }
    assert client.send(url, typed).status_code == 303
    with store.reader() as session:
        values = {row.value.value: row.reason for row in session.scalars(select(FindingDraft))}
        assert values == {"acquired": "", "partially": "Peu d’exemples."}
        assert session.scalars(select(DecisionDraft.reason)).all() == ["Il manque une preuve."]
    # A screen that was opened before: nothing is kept of it, its words stay, and a second save replaces.
    late = typed | {f"c{second.label}-reason": "Un autre motif.", f"c{first.label}-value": "not_acquired"}
    response = client.send(url, late)
    assert response.status_code == 409
    assert "a été noté d’un autre écran" in response.text
    assert "Un autre motif." in response.text
    assert page_of(store, made).lines[0][1].finding.value == "acquired"  # type: ignore[union-attr]
    assert client.send(url, late | revisions(page_of(store, made))).status_code == 303
    assert client.send(url, revisions(page) | {f"c{first.label}-value": "peut-être"}).status_code == 422
