"""A candidate sends a film over a line that is cut again and again: it arrives, whole, on both kinds of store, and a
cut costs the part that was on its way.
"""

import hashlib
import os
from uuid import uuid4

import pytest
from sqlalchemy import select

from benchmarks.slow_line import Shape, slow_line
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.files.uploads.partial_uploads import PART
from portfolio.on_commit import open_database
from tests import factories, samples
from tests.journeys.conftest import serving
from tests.wait_until import open_settled

pytestmark = [pytest.mark.journey, pytest.mark.slow]
SIZE, EVERY = 5 * PART // 2, 3 * PART // 2  # three parts that share the line do not arrive between two cuts
QUICK_LINE = Shape(bits_per_second=400_000_000, loss=0, cut_seconds=1, segment=65_536)


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request, tmp_path):
    """The product with SQLite and a folder, then with PostgreSQL and an S3."""
    url, more = request.getfixturevalue(f"{request.param}_url"), {}
    if request.param == "postgresql":
        bucket = request.getfixturevalue("object_server").bucket(f"tests/{uuid4().hex}")
        more = {
            "FILES_URL": f"s3://{bucket.name}/{bucket.prefix}", "S3_ENDPOINT": bucket.endpoint,
            "S3_REGION": bucket.region, "S3_ACCESS_KEY": bucket.access_key, "S3_SECRET_KEY": bucket.secret_key,
        }  # fmt: skip
    with serving(url, tmp_path, **more) as found:
        yield found


def test_a_line_cut_again_and_again_sends_no_more_twice_than_the_part_on_its_way(server, browser, tmp_path):
    database = open_database(server.env["DATABASE_URL"])
    world = factories.begin_world(database, filled=False)
    sound = samples.wav(SIZE / 16_000)
    film = sound[:44] + os.urandom(len(sound) - 44)
    (tmp_path / "visite.wav").write_bytes(film)
    page = browser.new_page()
    with slow_line(int(server.env["PORT"]), QUICK_LINE) as line:
        address = f"http://127.0.0.1:{line.port}"
        open_settled(page, f"{address}/connexion")
        page.fill("[name=email]", world.candidate.email)
        page.fill("[name=password]", factories.PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/dossiers/**")
        open_settled(page, f"{address}/dossiers/{world.candidacy.id}/preuves/ajouter")
        page.set_input_files("input[type=file]:not([capture])", str(tmp_path / "visite.wav"))
        line.forget()
        line.cut_at = list(range(EVERY, 40 * EVERY, EVERY))
        page.click("main form button:text-is('Envoyer')")
        page.wait_for_url("**/preuves/*/decrire/**", timeout=90_000)
    page.close()
    with database.reader() as session:
        file = session.scalars(select(EvidenceFile)).one()
    database.engine.dispose()
    assert (file.size, file.sha256) == (len(film), hashlib.sha256(film).hexdigest())
    assert line.cuts
    # Until the first cut several parts share the line: all that it carried may be lost.
    assert line.sent <= SIZE + EVERY + (line.cuts - 1) * PART + PART // 8
