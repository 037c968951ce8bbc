"""Pages that no journey opens, in a real browser on a phone: axe in both lights, and nothing wider than the screen."""

import re
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urljoin, urlsplit
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from werkzeug.serving import make_server

from demo.builder import CERTIFIER
from demo.passphrase import PASSPHRASE
from demo.people import marc
from portfolio import create_app
from portfolio.domain.account.models import Person, TokenPurpose
from portfolio.domain.account.passwords import hash_password
from portfolio.domain.account.use_cases import find_account, issue_token, use_token
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.holdings.rules.status_changes import StatusChange, StatusChangeKind
from portfolio.domain.holdings.use_cases.status_changes import change_status
from tests.applications import close_app, config_for
from tests.axe import violations
from tests.demo.conftest import NOW
from tests.page import CheckedClient
from tests.page import Page as Read

# Of each person, the kinds of pages to open, found by following links from home; « * » is an id, a number, a
# seat.
WANTED = {
    "samia.benali": [
        "/dossiers/*",
        *(f"/dossiers/*/{one}" for one in ("grille", "textes", "depot", "attestations", "attestations/demander")),
        *(f"/dossiers/*/{one}/*/retirer" for one in ("experiences", "preuves", "liens", "attestations")),
        *(f"/dossiers/*/{one}/*" for one in ("messages", "attestations", "competences", "preuves")),
        "/dossiers/*/preuves/*/versions/1/lire",
        "/candidatures/*/naissance",
        "/compte/notifications",
    ],
    "marc.lefort": [
        "/dossiers/*",
        *(f"/dossiers/*/{one}" for one in ("experiences", "preuves", "grille", "attestations")),
    ],
    "sophie.vasseur": ["/dossiers/*/resultats", "/dossiers/*/notification/1", "/depots/*/lecture/bloc-2"],
    "claire.morel": ["/accompagnement", "/accompagnement/*", "/accompagnement/*/competences/*"],
    "pascal.quemener": [
        "/jurys/*",
        *(f"/jurys/*/{one}" for one in ("pieces", "pieces/B1-01", "apercu", "presence", "blocs/*")),
    ],
    "helene.roche": [
        *("/organisme", "/organisme/delais", "/courriers", "/candidatures/nouvelle"),
        *(f"/candidatures/*{one}" for one in ("", "/acquis", "/attestations", "/certificats/*")),
        *("/certifications/versions/*", "/certifications/versions/*/equivalences"),
        *("/sessions/*", "/sessions/*/sieges/*/suppleants/1"),
        *(f"/jurys/*/{one}" for one in ("rectification", "formulaire", "resultat")),
    ],
}
FOLLOWED = 10  # pages of one kind whose links are followed: there are ten candidacies
NAMED = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/certificats/)[^/]+|(?<=/sieges/)[^/]+")


@pytest.fixture(scope="module")
def altered(on_sqlite: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, dict[str, str]]]:
    """A copy of the demonstration where certificates were suspended and withdrawn; with their numbers."""
    folder = tmp_path_factory.mktemp("altered")
    shutil.copytree(on_sqlite.config["SETTINGS"].data, folder, dirs_exist_ok=True)
    app = create_app(config_for(f"sqlite:///{folder / 'acquis.db'}", folder))
    app.test_client_class = CheckedClient
    yield (
        app,
        {
            "suspendu": _decide(app, StatusChangeKind.SUSPENSION, "sophie.vasseur", 1),
            "retiré": _decide(app, StatusChangeKind.WITHDRAWAL, "paul.girard", 1),
        },
    )
    close_app(app)


def _decide(app: Flask, kind: StatusChangeKind, who: str, block: int) -> str:
    """Return the certifier decides of the certificate of a block; its number."""
    day = NOW.date()
    with app.extensions["database"].transaction() as session:
        certifier = session.scalars(select(Person.id).where(Person.email == CERTIFIER.email)).one()
        grant, number = session.execute(
            select(Grant.id, Certificate.number)
            .join(Certificate, Certificate.grant_id == Grant.id)
            .join(Person, Person.id == Grant.person_id)
            .join(Block, Block.id == Grant.block_id)
            .where(Person.email == f"{who}@exemple.fr", Block.number == block)
        ).one()
        change_status(
            session,
            grant,
            StatusChange(kind, "Motif de la décision.", day, day),
            by=certifier,
            at=NOW + timedelta(minutes=1),
        )
    return str(number)


@pytest.fixture(scope="module")
def served(altered: tuple[Flask, dict[str, str]]) -> Iterator[str]:
    """Give where the altered demonstration answers."""
    server = make_server("127.0.0.1", 0, altered[0], threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(20)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A window as wide as a phone."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


# The words of 3 to 18 letters that stand on two lines; those of addresses, which are cut anywhere, put aside.
BROKEN_WORDS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const shown = text.parentElement;
    if (shown.closest("script, style, textarea, svg, code, pre, option") || shown.getBoundingClientRect().width < 2) continue;
    for (const word of text.nodeValue.matchAll(/(?<![\\w@.:/?=&-])[A-Za-zÀ-ÿ’]{3,18}(?![\\w@./?=&-])/g)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].filter((rect) => rect.width).map((rect) => Math.round(rect.top)));
      if (lines.size > 1) found.push(word[0]);
    }
  }
  return found;
}"""


def look(page: Page, address: str, status: int = 200) -> list[str]:
    """Return what is wrong with a page: what axe finds in the light, what it finds of contrast in the dark, its
    width at 390 and 320, and the words that it breaks on a tablet and on a computer.
    """
    page.emulate_media(color_scheme="light")
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == status, address
    found = [f"{violation['id']}: {violation['nodes'][0]['html'][:120]}" for violation in violations(page)]
    page.emulate_media(color_scheme="dark")
    dark = violations(page, runOnly=["color-contrast"])
    found += [f"dark {one['id']}: {one['nodes'][0]['html'][:120]}" for one in dark]
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"wider than {width}")
    for width in (768, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        found += [f"breaks « {word} » at {width}" for word in page.evaluate(BROKEN_WORDS)]
    page.set_viewport_size({"width": 390, "height": 844})
    return [f"{urlsplit(address).path} {one}" for one in found]


def _choose_password(app: Flask, email: str) -> None:
    """Give somebody who was just invited the passphrase of the others."""
    with app.extensions["database"].transaction() as session:
        account = find_account(session, email)
        link = issue_token(session, account.person_id, TokenPurpose.INVITATION, at=NOW)
        use_token(session, link, hash_password(PASSPHRASE), at=NOW)


def paths_of(app: Flask, who: str) -> list[str]:
    """One path of each kind that is wanted of a person, reached by links from home."""
    client = app.test_client()
    assert client.log_in(f"{who}@exemple.fr", PASSPHRASE).status_code == 303
    wanted, found = set(WANTED[who]), dict[str, str]()
    seen, waiting, followed = {"/"}, ["/"], Counter[str]()
    while waiting and wanted - set(found):
        answer = client.get(waiting.pop(0), follow_redirects=True)
        links = Read(answer.text).all("a") if answer.mimetype == "text/html" else []
        targets = [urlsplit(urljoin(answer.request.path, link.get("href", ""))) for link in links]
        for path in dict.fromkeys(
            target.path for target in targets if not (target.scheme or target.netloc) and target.path not in seen
        ):
            kind = NAMED.sub("*", path)
            seen.add(path)
            followed[kind] += 1
            if followed[kind] <= FOLLOWED:
                waiting.append(path)
            if kind in wanted:
                found.setdefault(kind, path)
    assert not wanted - set(found)
    return list(found.values())


@pytest.mark.slow
@pytest.mark.parametrize("who", WANTED)
def test_the_pages_of_a_person_are_sound_on_a_phone(altered, served, phone, who):
    if who == "marc.lefort":
        _choose_password(altered[0], marc.WHO.email)
    phone.goto(f"{served}/connexion")
    phone.get_by_label("Adresse électronique").fill(f"{who}@exemple.fr")
    phone.get_by_label("Mot de passe").first.fill(PASSPHRASE)
    phone.get_by_role("button", name="Se connecter").click()
    phone.wait_for_url(lambda url: "connexion" not in url)
    faults = [fault for path in paths_of(altered[0], who) for fault in look(phone, served + path)]
    assert not faults, "\n".join(faults)


def test_what_anyone_opens_is_sound_on_a_phone(altered, served, phone):
    app, numbers = altered
    with app.extensions["database"].reader() as session:
        letters = session.scalars(
            select(OutgoingEmail.text).where(
                OutgoingEmail.text.like("%/attester/%"), OutgoingEmail.text.not_like("%/attester/copie/%")
            )
        ).all()
        candidacy: UUID = session.scalars(select(Candidacy.id)).first()
    tokens = {found.group(1) for text in letters for found in re.finditer(r"/attester/(?!copie/)([\w-]+)", text)}
    statuses = {token: app.test_client().get(f"/attester/{token}").status_code for token in tokens}
    assert set(statuses.values()) == {200, 410}
    pages = [(f"/certificats/{number}", 200) for number in numbers.values()]
    pages += [(f"/attester/{token}", status) for token, status in statuses.items()]
    pages += [
        (f"/candidatures/{candidacy}/delais", 200),  # the log-in, to which it leads
        ("/certificats/ABCD-EFGH-JKLM-NPQR", 404),
        ("/rien", 404),
        ("/verifier", 200),
    ]
    faults = [fault for path, status in pages for fault in look(phone, served + path, status)]
    assert not faults, "\n".join(faults)


def test_the_delays_of_a_candidacy_are_sound_on_a_phone(altered, served, phone):
    app, _ = altered
    with app.extensions["database"].reader() as session:
        candidacy = session.scalars(select(Candidacy.id)).first()
    phone.goto(f"{served}/connexion")
    phone.get_by_label("Adresse électronique").fill(CERTIFIER.email)
    phone.get_by_label("Mot de passe").first.fill(PASSPHRASE)
    phone.get_by_role("button", name="Se connecter").click()
    phone.wait_for_url(lambda url: "connexion" not in url)
    assert not look(phone, f"{served}/candidatures/{candidacy}/delais")
