"""Check what the pages and the minutes say of a vote taken after a decision was noted, and of a tie."""

import pytest

from portfolio.db.engine import Database
from portfolio.documents.minutes import minutes_pdf
from portfolio.domain.jury.rules.opinions import VoteChoice
from portfolio.domain.jury_session.use_cases import ballots
from portfolio.domain.notification.use_cases.document_data import find_minutes_data
from portfolio.web.clock import now
from portfolio.wording.documents.minutes import minutes_value
from tests.documents.reading import words_of
from tests.jury.builders import Scene, close, deliberate
from tests.jury.pages import SIGNED, as_member, block, hearing, staged
from tests.page import CheckedClient

FOR, AGAINST, ABSTAIN = VoteChoice
NOT_VALIDATED = {
    "outcome": "not_validated",
    "reason": "Le budget n’est pas montré.",
    "override_reason": "Le jury n’a pas été convaincu.",
    "recommendation": "Présentez un budget réel.",
}


def voted(store: Database, made: Scene, *choices: VoteChoice, number: int = 0) -> None:
    """The whole jury votes on a block; without a choice, the presidency ends the vote at once."""
    hearing_id, president = made.hearing_id, made.president.id
    with store.transaction() as session:
        ballot = ballots.open_ballot(session, hearing_id, made.blocks[number].id, by=president, at=now()).id
    for member, choice in zip(made.members.values(), choices, strict=False):
        with store.transaction() as session:
            ballots.cast_vote(session, hearing_id, ballot, choice, by=member.id, at=now())
    if len(choices) < len(made.members):
        with store.transaction() as session:
            ballots.close_ballot(session, hearing_id, ballot, by=president, at=now())


@pytest.fixture
def made(store: Database) -> Scene:
    made = staged(store)
    deliberate(store, made)
    return made


@pytest.mark.slow
def test_every_page_reads_the_vote_and_not_the_decision_noted_before_it(
    client: CheckedClient, store: Database, made: Scene
):
    voted(store, made, FOR, AGAINST, AGAINST, AGAINST, AGAINST)
    as_member(client, made)
    page = client.page(block(made))
    assert "Le vote a décidé : non validé" in page.text
    assert "1 voix pour, 4 voix contre. Le bloc n’est pas validé" in page.text
    assert "La décision notée avant ce vote, « validé », ne compte plus" in page.text
    assert "expliquez ce refus" in client.page(hearing(made, "/apercu")).text
    assert "Non validé" in client.page(hearing(made, "/deliberation")).text
    refused = client.send(hearing(made, "/cloture"), SIGNED)
    assert refused.status_code == 409

    response = client.send(block(made), {"outcome": "validated", "override_reason": "", "revision": "1"})
    assert response.status_code == 409
    assert "Prenez cette décision, ou faites voter de nouveau" in response.text

    assert client.send(block(made), NOT_VALIDATED | {"revision": "1"}).status_code == 303
    assert client.send(hearing(made, "/cloture"), SIGNED).status_code == 303
    result = client.page(hearing(made, "/resultat"))
    assert "3 blocs accordés" in result.text
    assert "Valider le bloc 1 ? 1 voix pour, 4 voix contre. Le bloc n’est pas validé" in result.text


@pytest.mark.parametrize(
    ("choices", "tie"),
    [
        ((ABSTAIN, FOR, FOR, AGAINST, AGAINST), "la présidence s’est abstenue. Le bloc n’est pas validé"),
        ((AGAINST, FOR, FOR, AGAINST, ABSTAIN), "déjà comptée, l’emporte. Le bloc n’est pas validé"),
        ((FOR, FOR, AGAINST, AGAINST, ABSTAIN), "déjà comptée, l’emporte. Le bloc est validé"),
        ((), "la présidence s’est abstenue. Le bloc n’est pas validé"),
    ],
)
def test_a_tie_says_what_it_gives(
    client: CheckedClient, store: Database, made: Scene, choices: tuple[VoteChoice, ...], tie: str
):
    voted(store, made, *choices)
    as_member(client, made)
    assert tie in client.page(block(made)).text
    assert tie in client.page(hearing(made, "/deliberation")).text


def test_an_open_vote_is_said_on_the_block_and_in_the_preview(client: CheckedClient, store: Database, made: Scene):
    with store.transaction() as session:
        ballot = ballots.open_ballot(session, made.hearing_id, made.blocks[0].id, by=made.president.id, at=now()).id
    as_member(client, made)
    # The presidency votes too; then its page says what still prevents closing.
    assert "Votez sur le bloc 1" in client.page(hearing(made)).text.replace("\u00a0", " ")
    with store.transaction() as session:
        ballots.cast_vote(session, made.hearing_id, ballot, VoteChoice.FOR, by=made.president.id, at=now())
    assert "Le vote est ouvert" in client.page(block(made)).text
    assert "le vote n’est pas terminé" in client.page(hearing(made, "/apercu")).text
    assert "le vote n’est pas terminé" in client.page(hearing(made)).text


def test_the_minutes_print_every_vote_and_the_last_one_decides(store: Database, made: Scene):
    voted(store, made, FOR, AGAINST, AGAINST, AGAINST, AGAINST)
    voted(store, made, FOR, FOR, FOR, AGAINST, ABSTAIN)
    close(store, made, now())
    with store.reader() as session:
        data = find_minutes_data(session, made.hearing_id)
        assert data is not None
        said = words_of(minutes_pdf(minutes_value(data)))
    assert "Vote n° 1 : Valider le bloc 1 ? 1 voix pour, 4 voix contre. Le bloc n’est pas validé" in said
    assert "Vote n° 2 : Valider le bloc 1 ? 3 voix pour, 1 voix contre, 1 abstention. Le bloc est validé" in said
