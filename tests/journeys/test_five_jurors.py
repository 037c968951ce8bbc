"""Five jurors at once, two candidates, one member recused for one of them: each sees what is theirs, and
nothing else.
"""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portfolio.calendar import PARIS
from portfolio.domain.candidacy.models import SealedFile
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.use_cases.renditions import request_renditions
from portfolio.domain.jury.models.deliberation import OpinionsOpened
from portfolio.domain.jury.rules.enums import Attendance, StatementKind
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury_session.use_cases import declarations
from portfolio.files.renditions.rendition_worker import RenditionWorker
from portfolio.files.storage.local import LocalStore
from portfolio.on_commit import open_database
from tests import factories
from tests.journeys.conftest import Manner, Server, Window, own_server
from tests.journeys.keyboard import Keyboard
from tests.jury.builders import SEALED_AT, find, on_the_day
from tests.jury.panels import BARRED, Benches, benches
from tests.samples import pdf

pytestmark = pytest.mark.journey
server = own_server


@pytest.fixture
def manner() -> Manner:
    """A keyboard alone, on the screen that each one has."""
    return Manner(Keyboard())


# Every page of a hearing, with an exhibit, one of its pages as an image, and its file.
PAGES = (
    "", "/parcours", "/pieces", "/pieces/B2-03", "/pieces/B2-03/pages/12", "/pieces/B2-03/fichier", "/apercu", "/cloture",
    "/presence", "/resultat", "/rectification", "/formulaire", "/proces-verbal.pdf",
)  # fmt: skip


@pytest.fixture
def made(server: Server, monkeypatch: pytest.MonkeyPatch) -> Benches:
    """Two juries today, their members with an account, nothing said yet; every exhibit is twelve real pages."""
    monkeypatch.setattr(factories, "CONTENT", pdf(12))  # the rows record the digest of the file that is kept
    store = open_database(server.env["DATABASE_URL"])
    found = benches(store, datetime.now(PARIS).date(), said=False)
    files = LocalStore(Path(server.env["DATA"]) / "files")
    with store.transaction() as session:
        for key in set(session.scalars(select(SealedFile.key))):
            files.save(key, io.BytesIO(factories.CONTENT))
        sealed = (SealedFile.submission_id == found.barred_from.submission_id, SealedFile.exhibit == "B2-03")
        file = session.scalars(
            select(EvidenceFile).join(SealedFile, SealedFile.key == EvidenceFile.key).where(*sealed)
        ).one()
        request_renditions(session, file, at=SEALED_AT)
        wanted = session.scalars(select(Rendition.id).where(Rendition.file_id == file.id)).one()
    RenditionWorker(store, files, lambda: datetime.now(UTC)).run(wanted)  # what the worker does when a piece arrives
    store.engine.dispose()
    return found


def declare(who: Window, hearing: UUID, *, recused: bool = False) -> None:
    page = who.open(f"/jurys/{hearing}/declaration")
    who.check()
    who.tick(page.get_by_label(re.compile("^Je me récuse" if recused else "^Je déclare n’avoir")))
    who.press(page.get_by_role("button", name="Signer ma déclaration"))
    if recused:
        who.check()
        who.tick(page.get_by_label(re.compile("^Je me récuse")))
        who.press(page.get_by_role("button", name="Confirmer ma récusation"))
        expect(page.get_by_role("heading", name=re.compile("^Votre récusation est enregistrée"))).to_be_visible()
        return
    who.tick(page.get_by_label(re.compile("^J’atteste avoir lu")))
    who.tick(page.get_by_label(re.compile("^J’ai lu les (autres )?pièces autrement")))
    who.press(page.get_by_role("button", name="Attester ma lecture"))
    expect(page.get_by_text("Votre lecture est attestée")).to_be_visible()


def statuses(who: Window, hearing: UUID) -> set[int]:
    """Return what the pages of a hearing answer this person; none of them tells anything of the dossier."""
    found = set()
    for path in PAGES:
        answer = who.page.request.get(f"{who.address}/jurys/{hearing}{path}", max_redirects=0)
        found.add(answer.status)
        if answer.status < 400:
            assert answer.status == 303, path
        assert "perdait des clients" not in answer.text()
        assert "%PDF" not in answer.text()[:10]
    return found


@pytest.mark.slow
def test_five_jurors_at_once_see_what_is_theirs_and_nothing_else(
    server: Server, window: Callable[..., Window], made: Benches
) -> None:
    jurors = {seat: window(390 if seat is Seat.PEDAGOGICAL_MANAGER else 1280) for seat in made.scene.members}
    for seat, who in jurors.items():
        who.log_in(made.scene.members[seat].email)
    first, second, elsewhere = (made.barred_from.hearing_id, made.open_to_all.hearing_id, made.elsewhere.hearing_id)

    # Before declaring, nobody reads anything.
    for who in jurors.values():
        assert statuses(who, first) <= {303, 403, 404}
        assert who.page.request.get(f"{who.address}/depots/{made.barred_from.submission_id}").status == 404
        page = who.open("/jurys")
        who.check()
        expect(page.get_by_role("link", name="Yanis Cordier")).to_be_visible()
        expect(page.get_by_text("Nora Weber")).to_have_count(0)

    # All declare for both; one recuses themselves for the first candidate.
    for seat, who in jurors.items():
        declare(who, first, recused=seat is BARRED)
        declare(who, second)
    _substitute(server, made)

    barred, president = jurors[BARRED], jurors[Seat.PRESIDENT]
    assert statuses(barred, first) <= {303, 403, 404}
    assert barred.page.request.get(f"{server.address}/depots/{made.barred_from.submission_id}/lecture").status == 404
    for who in jurors.values():
        assert statuses(who, elsewhere) == {404}
        page = who.open(f"/jurys/{second}")
        who.check()
        expect(page.get_by_role("heading", level=1)).to_have_text("Yanis Cordier")

    # The first two clicks: an exhibit, its page 12, while the four others have the dossier open too.
    reader = jurors[Seat.EMPLOYEE_REPRESENTATIVE]
    page = reader.open(f"/jurys/{first}")
    reader.press(page.get_by_role("link", name=re.compile("^B2-03 :")))
    reader.press(page.get_by_role("link", name="page 12", exact=True).first)
    expect(page.get_by_role("img", name=re.compile("^Page 12 de la pièce B2-03"))).to_be_visible(timeout=30_000)
    reader.check()

    # The president writes; the others see it once opinions are open, and cannot.
    _find_acquired(server, made)
    _consign(president, made, first)
    page = reader.open(f"/jurys/{first}/apercu")
    reader.check()
    expect(page.get_by_text("sera acquis définitivement à la clôture")).to_have_count(0)
    _open_opinions(server, first)
    for seat, who in jurors.items():
        if seat in (BARRED, Seat.PRESIDENT):
            continue
        page = who.open(f"/jurys/{first}/apercu")
        who.check()
        expect(page.get_by_text("sera acquis définitivement à la clôture").first).to_be_visible()
        assert who.page.request.get(f"{who.address}/jurys/{first}/cloture").status == 403
        page = who.open(f"/jurys/{first}/blocs/{made.scene.blocks[0].id}")
        expect(page.get_by_role("button", name="Enregistrer la décision")).to_have_count(0)

    page = president.open(f"/jurys/{first}/cloture")
    president.check()
    president.tick(page.get_by_label(re.compile("^J’ai relu ce procès-verbal")))
    president.write(page.get_by_label("Votre mot de passe, pour signer"), "ce n’est pas lui")
    president.press(page.get_by_role("button", name="Signer et clore le procès-verbal"))
    expect(page.get_by_text("rien n’est signé").first).to_be_visible()
    president.check()
    president.tick(page.get_by_label(re.compile("^J’ai relu ce procès-verbal")))
    president.write(page.get_by_label("Votre mot de passe, pour signer"), factories.PASSWORD)
    president.press(page.get_by_role("button", name="Signer et clore le procès-verbal"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("4 blocs accordés")
    president.check()

    # Those who sat read the minutes; the recused member does not, and still has the other candidate.
    for seat, who in jurors.items():
        if seat is BARRED:
            assert statuses(who, first) <= {303, 403, 404}
            page = who.open(f"/jurys/{second}/parcours")
            who.check()
            expect(page.get_by_role("heading", level=1)).to_be_visible()
        else:
            page = who.open(f"/jurys/{first}/resultat")
            expect(page.get_by_text("Ivan Perrin").first).to_be_visible()
            expect(page.get_by_text("récusation").first).to_be_visible()
        assert statuses(who, elsewhere) == {404}


def _substitute(server: Server, made: Benches) -> None:
    """The substitute signed on paper; the certifier notes who is there."""
    store = open_database(server.env["DATABASE_URL"])
    with store.transaction() as session:
        for kind in (StatementKind.NO_RELATION, StatementKind.READ):
            said = MemberDeclarations(made.substitute.id, kind)
            declarations.record_statement(
                session, made.barred_from.hearing_id, said, by=made.substitute.id, at=SEALED_AT
            )
        there = [one.id for seat, one in made.scene.members.items() if seat is not BARRED]
        for hearing, people in (
            (made.barred_from.hearing_id, [*there, made.substitute.id]),
            (made.open_to_all.hearing_id, [*there, made.barred.id]),
        ):
            declarations.check_presence(
                session, hearing, people, Attendance.HEARD, by=made.scene.certifier.id, at=on_the_day(session, hearing)
            )
    store.engine.dispose()


def _open_opinions(server: Server, hearing: UUID) -> None:
    store = open_database(server.env["DATABASE_URL"])
    with store.transaction() as session:
        session.add(OpinionsOpened(hearing_id=hearing, opened_at=datetime.now(UTC)))
    store.engine.dispose()


def _find_acquired(server: Server, made: Benches) -> None:
    store = open_database(server.env["DATABASE_URL"])
    for competency in made.scene.competencies:
        find(store, made.scene, competency)
    store.engine.dispose()


def _consign(president: Window, made: Benches, hearing: UUID) -> None:
    """Every competency found acquired beforehand; every block validated in the browser."""
    for block in made.scene.blocks:
        page = president.open(f"/jurys/{hearing}/blocs/{block.id}")
        president.tick(page.get_by_label("Validé", exact=True))
        president.press(page.get_by_role("button", name="Enregistrer la décision"))
        expect(page.get_by_text("La décision est enregistrée").first).to_be_visible()
    president.check()
