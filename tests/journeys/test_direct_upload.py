"""A browser sends the parts of a large file straight to an S3, by the CORS rule of the guide; a byte that changes
on the way is refused there, and the file is whole in the end.
"""

import hashlib
import json
import os
import re
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from portfolio import create_app
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.files.uploads.partial_uploads import PART
from tests import factories, samples
from tests.applications import close_app, config_for
from tests.journeys.conftest import TOP, free_port
from tests.wait_until import open_settled

pytestmark = pytest.mark.slow

RULE = re.compile(r'```json\n(\{\s*"CORSRules".*?)```', re.DOTALL)


class Quiet(WSGIRequestHandler):
    def log(self, *_):
        """Say nothing."""


@contextmanager
def served(app, port):
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def allowed(bucket, origin):
    """Return what the bucket answers to a browser that asks whether it may send a part from there."""
    asked = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
    asked["Access-Control-Request-Headers"] = "x-amz-checksum-sha256"
    request = urllib.request.Request(f"{bucket.endpoint}/{bucket.name}/part", headers=asked, method="OPTIONS")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.headers.get("Access-Control-Allow-Headers") or ""
    except urllib.error.HTTPError:
        return ""


def test_a_byte_changed_on_the_way_to_the_s3_is_refused_there(browser, object_server, sqlite_url, tmp_path):
    port = free_port()
    address, bucket = f"http://127.0.0.1:{port}", object_server.bucket(f"tests/{uuid4().hex}")
    rule = RULE.search((TOP / "docs/exploitation.md").read_text())[1]
    rule = json.loads(rule.replace("https://acquis.exemple.fr", address))
    object_server.client.put_bucket_cors(Bucket=bucket.name, CORSConfiguration=rule)
    until = time.monotonic() + 20
    while "x-amz-checksum-sha256" not in allowed(bucket, address) and time.monotonic() < until:
        time.sleep(0.2)
    assert allowed(bucket, "https://autre.exemple.fr") == ""
    app = create_app(
        config_for(sqlite_url, tmp_path).with_changes(
            files_url=f"s3://{bucket.name}/{bucket.prefix}", s3_endpoint=bucket.endpoint,
            s3_region=bucket.region, s3_access_key=bucket.access_key, s3_secret_key=bucket.secret_key,
            s3_browser_endpoint=bucket.endpoint, address=address, upload_limit=64 * 1024 * 1024,
        )
    )  # fmt: skip
    with app.extensions["database"].transaction() as session:
        world = factories.world(session, filled=False)
    sound = samples.wav(2.2 * PART / 16_000)
    film = sound[:44] + os.urandom(len(sound) - 44)
    (tmp_path / "visite.wav").write_bytes(film)
    answers, through_us, altered = [], [], []

    def alter(route):
        """Change a byte of the first part that goes to the S3."""
        body = route.request.post_data_buffer
        if not altered:
            altered.append(True)
            body = bytes([body[0] ^ 1]) + body[1:]
        answer = route.fetch(post_data=body)
        answers.append(answer.status)
        route.fulfill(response=answer)

    page = browser.new_page()
    with served(app, port):
        page.goto(f"{address}/connexion")
        page.fill("[name=email]", world.candidate.email)
        page.fill("[name=password]", factories.PASSWORD)
        page.click("main button[type=submit]")
        page.route(lambda url: url.startswith(bucket.endpoint), alter)
        page.on("request", lambda sent: through_us.append(sent.url) if "?place=" in sent.url else None)
        open_settled(page, f"{address}/dossiers/{world.candidacy.id}/preuves/ajouter")
        page.set_input_files("input[type=file]", str(tmp_path / "visite.wav"))
        page.click("main form button:text-is('Envoyer')")
        page.wait_for_url("**/preuves/*/decrire/**", timeout=60_000)
    page.close()
    with app.extensions["database"].reader() as session:
        file = session.scalars(select(EvidenceFile)).one()
    assert file.sha256 == hashlib.sha256(film).hexdigest()
    assert answers.count(400) == 1, "the S3 refuses the changed part"
    assert 200 in answers, "the others go straight to it"
    assert len([url for url in through_us if "adresse" not in url]) >= 1, "the changed part comes through us"
    close_app(app)
