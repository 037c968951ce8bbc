"""The pages of a dossier of three hundred pieces, nine hundred claims: they ask what those of ten do, and weigh
no more.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from benchmarks.measure import count_queries
from benchmarks.scene import Size, make_dossier
from portfolio import create_app
from portfolio.domain.account.use_cases import start_session
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.dossier.models.dossier import Claim
from tests.applications import close_app, config_for
from tests.page import CheckedClient

MOST_BYTES, MOST_QUERIES = 90_000, 15
FEW, MANY = Size(11, 10), Size(11, 300)


@pytest.fixture(scope="module")
def dossiers(sqlite_template, tmp_path_factory):
    """An application with a dossier of each size, and the values of their addresses."""
    folder = tmp_path_factory.mktemp("pieces")
    (folder / "acquis.db").write_bytes(sqlite_template.read_bytes())
    app = create_app(config_for(f"sqlite:///{folder / 'acquis.db'}", folder))
    app.test_client_class = CheckedClient
    values = {}
    with app.extensions["database"].transaction() as session:
        for size in (FEW, MANY):
            made = make_dossier(session, size)
            competency, claim = session.execute(
                select(Claim.competency_id, Claim.id)
                .where(Claim.candidacy_id == made.candidacy_id)
                .join(Competency, Competency.id == Claim.competency_id)
                .join(Block, Block.id == Competency.block_id)
                .order_by(Block.number, Competency.number)
                .limit(1)
            ).one()  # in both dossiers the same one: the state of its opinion counts
            advisor = session.get_one(Candidacy, made.candidacy_id).advisor_id
            tokens = {"candidate": made.token, "advisor": start_session(session, advisor, timedelta(1), at=NOW)}
            ids = {
                "d": made.candidacy_id,
                "c": competency,
                "l": claim,
                "e": made.evidence_id,
                "last": made.competency_id,
            }
            values[size] = tokens, ids
    yield app, values
    close_app(app)


NOW = datetime.now(UTC)


def browser(dossiers, size, who):
    """Return the browser of a person who is connected, and the values of the addresses of their dossier."""
    app, values = dossiers
    tokens, ids = values[size]
    client = app.test_client()
    with client.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = tokens[who], True
    return client, ids


def opened(dossiers, size, who, path):
    """Return the size of a page, and how many queries it asks the second time."""
    client, ids = browser(dossiers, size, who)
    answer = client.get(path.format(**ids))
    assert answer.status_code == 200
    engine = client.application.extensions["database"].engine
    return len(answer.data), count_queries(engine, lambda: client.get(path.format(**ids)))


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("candidate", "/dossiers/{d}/depot"),
        ("candidate", "/dossiers/{d}/depot/lecture"),
        ("candidate", "/dossiers/{d}/depot/lecture?page=3"),
        ("candidate", "/dossiers/{d}/brouillon"),
        ("candidate", "/dossiers/{d}"),
        ("candidate", "/dossiers/{d}/competences/{c}"),
        ("candidate", "/dossiers/{d}/competences/{c}/preuves"),
        ("candidate", "/dossiers/{d}/grille"),
        ("candidate", "/dossiers/{d}/preuves"),
        ("candidate", "/dossiers/{d}/preuves/{e}/competences"),
        ("candidate", "/dossiers/{d}/liens/{l}"),
    ],
)
def test_a_page_of_many_pieces_weighs_no_more_and_asks_as_much(dossiers, who, path):
    few, many = opened(dossiers, FEW, who, path), opened(dossiers, MANY, who, path)
    assert many[0] <= MOST_BYTES
    assert many[1] <= few[1] <= MOST_QUERIES


def test_the_pages_of_the_reading_show_each_claim_once_and_every_piece(dossiers):
    client, ids = browser(dossiers, MANY, "candidate")
    address, pages = "/dossiers/{d}/depot/lecture".format(**ids), []
    for number in range(1, 40):
        pages.append(client.page(f"{address}?page={number}"))
        if f"page={number + 1}" not in str(pages[-1].all("a")):
            break
    claims = [item for page in pages for item in page.all("a") if re.match(r"#e-B\d", item["href"])]
    assert len(claims) == 900
    exhibits = {item["id"] for page in pages for item in page.all("li") if item.get("id", "").startswith("e-")}
    assert len(exhibits) == 300


def test_a_piece_among_many_is_found_by_its_title_or_its_number_then_claimed(dossiers):
    client, ids = browser(dossiers, MANY, "candidate")
    address = "/dossiers/{d}/competences/{last}/preuves".format(**ids)
    first = client.page(address)
    assert len(first.all("input", type="radio")) == 20
    for words in ("mois 297", "MOIS 297", "297"):
        [choice] = client.page(f"{address}?q={words}").all("input", type="radio")
    sent = client.send(f"{address}?q=297", {"piece": choice["value"], "comment": "On y voit mes choix."})
    assert sent.status_code == 303
    shown = client.page("/dossiers/{d}/competences/{last}?q=297".format(**ids))
    assert "Tableau de bord du mois 297" in shown.text
    assert "Tableau de bord du mois 2 " not in shown.text
