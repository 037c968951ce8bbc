"""Count the files of the project that one request crosses, from its route to its last row: what a newcomer has to open.

A file counts when one of its functions runs while the request is answered. Run with `-s` to read the lists.
"""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import portfolio
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from tests import factories, samples
from tests.factories import PASSWORD
from tests.holdings.closings import hearing, minutes, sealed
from tests.jury.builders import deliberate
from tests.jury.pages import as_member, block, staged

ROOT = Path(portfolio.__file__).parent
# Every logged-in page crosses 11 of these files: guard, session, policy, headers, logs. The aim is 20 files
# for the matrix, 22 for a decision, 28 for a claim, 32 for a light upload, 18 for the public page of a certificate.
# Each number may only be lowered.
MOST = {"matrix": 24, "decision": 26, "claim": 33, "light upload": 37, "public certificate": 27}


def files_crossed(act: Callable[[], Any]) -> list[str]:
    """Return the files of the project whose functions run during a call, in order of name."""
    found: set[str] = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(str(ROOT)) and frame.f_code.co_name != "<module>":
            found.add(str(Path(name).relative_to(ROOT)))

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return sorted(found)


def assert_short(name: str, prepare: Callable[[], Callable[[], Any]]) -> None:
    """Fail when a request crosses more files than before; the first one imports, the second is counted."""
    prepare()()
    found = files_crossed(prepare())
    assert len(found) <= MOST[name], f"{name}: {len(found)}\n" + "\n".join(found)


def sending(client, url: str, data: dict[str, Any]) -> Callable[[], Any]:
    """Read the form of a page, and return the call that sends it."""
    hidden = {
        field["name"]: field.get("value", "")
        for field in client.page(url).all("input", type="hidden")
        if "name" in field
    }

    def send() -> None:
        assert client.post(url, data=hidden | data).status_code == 303

    return send


@pytest.fixture
def world(store):
    return factories.begin_world(store)


def test_the_matrix_and_a_light_upload_cross_few_files(client, world):
    client.log_in(world.candidate.email, PASSWORD)
    matrix = f"/dossiers/{world.candidacy.id}"
    assert_short("matrix", lambda: lambda: client.get(matrix))
    sizes = iter((1, 2))
    file = lambda: (io.BytesIO(samples.pdf(pages=next(sizes))), "plan.pdf")  # noqa: E731
    assert_short("light upload", lambda: sending(client, f"{matrix}/preuves/ajouter", {"files": file()}))


def test_a_claim_crosses_few_files(client, world):
    client.log_in(world.candidate.email, PASSWORD)
    competencies = (competency.id for competency in world.competencies[3:5])
    choose = f"/dossiers/{world.candidacy.id}/competences/{{}}/preuves"
    claim = {"piece": str(world.pieces[0].id), "passage": "pages 2 et 3", "comment": "", "asked": "1"}
    assert_short("claim", lambda: sending(client, choose.format(next(competencies)), claim))


def test_a_decision_crosses_few_files(client, store):
    made = staged(store)
    deliberate(store, made, refused=(1,))
    as_member(client, made)
    decision = {
        "outcome": "not_validated",
        "reason": "Trop peu d’exemples.",
        "recommendation": "Décrire un autre projet.",
    }
    assert_short("decision", lambda: sending(client, block(made), decision))


def test_the_public_page_of_a_certificate_crosses_few_files(client, world, store):
    with store.transaction() as session:
        closed = minutes(session, hearing(session, sealed(session, world)), world.version.blocks)
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
        number = next(iter(held_blocks(session, world.candidate.id, world.version.id, on=None).values())).number
    assert_short("public certificate", lambda: lambda: client.get(f"/certificats/{number}"))
