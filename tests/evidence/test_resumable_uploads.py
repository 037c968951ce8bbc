"""Large files come in parts, in any order: acknowledged once they are kept, then taken by their form, on both
stores.
"""

import hashlib
import io
import os
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from portfolio import create_app
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, Upload
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.dossier.rules.quota import MAX_UPLOADS
from portfolio.files.integrity.references import check_files, delete_abandoned_uploads, delete_orphan_files
from portfolio.files.uploads.partial import PartialUpload
from portfolio.files.uploads.partial_uploads import PART
from portfolio.web.clock import now
from tests import factories, samples
from tests.applications import config_for
from tests.object_store import kept_in
from tests.page import CheckedClient, Page

SMALL = 100_000


@pytest.fixture(params=["local", "s3"])
def config(request, sqlite_url, tmp_path):
    made = config_for(sqlite_url, tmp_path)
    if request.param == "local":
        return made
    bucket = request.getfixturevalue("object_server").bucket(f"tests/{uuid4().hex}")
    return kept_in(made, bucket)


@pytest.fixture
def world(store):
    return factories.begin_world(store, filled=False)


@pytest.fixture
def candidate(client, world):
    assert client.log_in(world.candidate.email, factories.PASSWORD).status_code == 303
    return client


@pytest.fixture
def film(config):
    """A recording of a few parts: the parts of an S3 are large, those of a folder as small as one wants."""
    sound = samples.wav(20 if not config.files_url else 2.2 * PART / 16_000)
    return sound[:44] + os.urandom(len(sound) - 44)


class Sender:
    """What static/js/resumable-upload.js does."""

    def __init__(self, client, world, content: bytes, name: str = "visite.wav") -> None:
        self.client, self.content, self.name, self.world = client, content, name, world
        self.pieces = f"/dossiers/{world.candidacy.id}/preuves"
        self.address = f"/dossiers/{world.candidacy.id}/envois"
        self.form = {one["name"]: one["value"] for one in self.page().all("input", type="hidden") if one.get("value")}
        self.token = {"X-CSRFToken": self.form["csrf_token"]}

    def page(self) -> Page:
        return self.client.page(f"{self.pieces}/ajouter")

    def announce(self, **changed):
        mark = hashlib.sha256(self.content).hexdigest()
        said = {"name": self.name, "size": str(len(self.content)), "mark": mark} | changed
        answer = self.client.post(self.address, data=said, headers=self.token)
        self.step = PART if (answer.json or {}).get("fixed") else SMALL
        return answer

    def part(self, upload: str, place: int, content: bytes, sha256: str | None = None, **headers: str):
        digest = hashlib.sha256(content).hexdigest() if sha256 is None else sha256
        headers = self.token | {"X-SHA256": digest} | headers
        url = f"{self.address}/{upload}?place={place}"
        return self.client.post(url, data=content, headers=headers, content_type="application/octet-stream")

    def send(self) -> str:
        """Announce, and send everything that is missing, the end first; return the identity."""
        state = self.announce().json
        for start, end in reversed(state["missing"]):
            for place in reversed(range(start, end, self.step)):
                answer = self.part(state["id"], place, self.content[place : min(end, place + self.step)])
                assert answer.status_code == 200, answer.json
                state = answer.json
        assert state["missing"] == []
        return state["id"]

    def signed(self, part: dict[str, int]) -> dict[str, str]:
        """Ask where a part goes straight to the S3."""
        digest = hashlib.sha256(self.content[part["start"] : part["end"]]).hexdigest()
        upload = self.announce().json["id"]
        address = f"{self.address}/{upload}/adresse?place={part['start']}&sha256={digest}"
        assert self.client.get(address).status_code == 405, "what is asked is written down"
        return self.client.post(address, headers=self.token).json

    def finish(self, *sent: str, **more):
        return self.client.post(f"{self.pieces}/ajouter", data=self.form | {"sent": list(sent)} | more)


@pytest.fixture
def sender(candidate, world, film):
    return Sender(candidate, world, film)


def count(store, table) -> int:
    with store.reader() as session:
        return session.scalar(select(func.count()).select_from(table))


def left(app) -> list[str]:
    """Return what the folder, or the bucket, holds of uploads that are not whole."""
    uploads = app.extensions["uploads"]
    if uploads.is_fixed:
        found = uploads._client.list_multipart_uploads(Bucket=uploads._bucket, Prefix=uploads._prefix).get(
            "Uploads", []
        )
        return sorted(one["Key"].rsplit("/")[-1].removesuffix(".file") for one in found)
    folder = app.config["SETTINGS"].parts
    return sorted(one.name for one in folder.iterdir() if one.suffix != ".list") if folder.exists() else []


def test_a_file_in_parts_becomes_a_piece_and_leaves_nothing_behind(sender, film, store, app):
    upload = sender.send()
    assert left(app) == [upload]
    answer = sender.finish(upload)
    assert answer.status_code == 303
    with store.reader() as session:
        file = session.scalars(select(EvidenceFile)).one()
    assert (file.name, file.mime, file.size) == ("visite.wav", "audio/wav", len(film))
    assert file.sha256 == hashlib.sha256(film).hexdigest()
    assert check_files(app.extensions["files"], store).ok
    assert count(store, Upload) == 0
    assert left(app) == []


def test_the_form_sent_again_leads_where_it_led_though_the_parts_are_gone(sender, store):
    upload = sender.send()
    first, again = sender.finish(upload), sender.finish(upload)
    assert (again.status_code, again.location) == (303, first.location)
    assert count(store, Evidence) == 1


def test_the_same_file_announced_again_goes_on_where_it_stopped(sender, film):
    state = sender.announce().json
    assert state["received"] == 0
    assert state["part"] == PART
    step = sender.step
    sender.part(state["id"], 0, film[:step])
    again = sender.announce().json
    assert (again["id"], again["received"], again["missing"]) == (state["id"], step, [[step, len(film)]])
    assert "Un envoi s’est arrêté en chemin" in sender.page().text
    assert "« visite.wav »" in sender.page().text


def test_a_part_of_other_bytes_or_at_another_place_is_not_acknowledged(sender, film):
    upload = sender.announce().json["id"]
    step = sender.step
    refused = sender.part(upload, 0, film[:step], sha256=hashlib.sha256(b"x").hexdigest())
    assert (refused.status_code, refused.json["received"]) == (422, 0)
    sender.part(upload, 0, film[:step])
    for place in (1, step // 2, -1, len(film)):
        answer = sender.part(upload, place, film[:10])
        assert (answer.status_code, answer.json["received"]) == (409, step)
    for content in (b"", bytes(PART + 1)):
        answer = sender.part(upload, step, content)
        assert (answer.status_code, answer.json["received"]) == (422, step)


def test_a_part_without_a_digest_is_kept(sender, film):
    upload = sender.announce().json["id"]
    answer = sender.part(upload, 0, film[: sender.step], sha256="")
    assert (answer.status_code, answer.json["received"]) == (200, sender.step)


@pytest.mark.parametrize("config", ["s3"], indirect=True)
def test_an_s3_takes_the_parts_of_its_own_size_only(sender, film):
    upload = sender.announce().json["id"]
    assert sender.part(upload, 0, film[:SMALL]).status_code == 409
    assert sender.part(upload, PART, film[PART : 2 * PART]).json["missing"] == [[0, PART], [2 * PART, len(film)]]


@pytest.mark.parametrize("config", ["local"], indirect=True)
def test_bytes_that_a_crash_left_are_written_over(sender, film, app, store):
    upload = sender.announce().json["id"]
    sender.part(upload, 0, film[:SMALL])
    with (app.config["SETTINGS"].parts / upload).open("ab") as file:
        file.write(b"written, never acknowledged")
    with (app.config["SETTINGS"].parts / f"{upload}.list").open("a") as file:
        file.write(f"{SMALL} 27")
    assert sender.announce().json["received"] == SMALL
    with (app.config["SETTINGS"].parts / f"{upload}.list").open("a") as file:
        file.write(
            f" {'0' * 64}\n"
        )  # a line that became whole names bytes of another digest: it is found before the piece
    refused = sender.finish(sender.send())
    assert refused.status_code == 422


@pytest.mark.parametrize("config", ["local"], indirect=True)
def test_bytes_that_a_disk_lost_are_asked_again_from_the_beginning(sender, film, app):
    upload = sender.announce().json["id"]
    sender.part(upload, 0, film[:SMALL])
    os.truncate(app.config["SETTINGS"].parts / upload, SMALL - 1)
    again = sender.announce().json
    assert (again["received"], again["missing"]) == (0, [[0, len(film)]])
    assert again["id"] != upload
    assert sender.finish(sender.send()).status_code == 303
    assert left(app) == []


@pytest.mark.parametrize("config", ["s3"], indirect=True)
def test_an_upload_that_the_bucket_lost_begins_again(sender, film, app, store):
    upload = sender.announce().json["id"]
    sender.part(upload, 0, film[:PART])
    uploads = app.extensions["uploads"]
    with store.reader() as session:
        row = session.get(Upload, UUID(upload))
        uploads.discard(PartialUpload(row.id, row.size, row.store_upload_id))
    again = sender.announce().json
    assert again["id"] != upload
    assert sender.finish(sender.send()).status_code == 303


@pytest.mark.parametrize("config", ["local"], indirect=True)
def test_a_file_that_changed_on_the_disk_never_becomes_a_piece(sender, app, store):
    upload = sender.send()
    with (app.config["SETTINGS"].parts / upload).open("r+b") as file:
        file.seek(SMALL + 7)
        file.write(b"?")
    refused = sender.finish(upload)
    assert refused.status_code == 422
    assert "s’est abîmé sur notre disque" in Page(refused.text).text
    assert count(store, Evidence) == count(store, Upload) == 0
    assert left(app) == []


def test_a_file_that_is_not_whole_or_not_theirs_is_no_piece(sender, film, store):
    half = sender.announce().json["id"]
    sender.part(half, 0, film[: sender.step])
    with store.transaction() as session:
        other = factories.candidacy(session, session.merge(factories.published_version(session, factories.body(session).id)),
                                    factories.person(session))  # fmt: skip
        foreign = Upload(candidacy_id=other.id, fingerprint="x", name="x", size=1, started_at=now(), changed_at=now())
        session.add(foreign)
    for sent in (half, str(foreign.id), str(uuid4())):
        refused = sender.finish(sent)
        assert refused.status_code == 422
        assert "n’est pas arrivé en entier" in Page(refused.text).text
    assert sender.part(str(foreign.id), 1, b"x").status_code == 404
    assert sender.finish("../../etc/passwd").status_code == 422
    assert count(store, Evidence) == 0
    assert sender.announce().json["received"] == sender.step, "the half that is here stays"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"7z\xbc\xaf\x27\x1c" + bytes(300_000), "Ce fichier est une archive"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>" + b" " * 300_000, "SVG"),
        (samples.pdf()[:200], "incomplet ou abîmé"),
    ],
)
def test_what_the_plain_form_refuses_is_refused_in_the_same_words(candidate, world, store, app, content, sentence):
    sender = Sender(candidate, world, content, "plan.pdf")
    refused = sender.finish(sender.send())
    plain = candidate.send(f"{sender.pieces}/ajouter", {"files": (io.BytesIO(content), "plan.pdf")})
    assert refused.status_code == plain.status_code == 422
    said = [[text for text in Page(answer.text).texts if sentence in text] for answer in (refused, plain)]
    assert said[0] == said[1] != []
    assert count(store, Evidence) == count(store, Upload) == 0
    assert left(app) == []


def test_a_file_beyond_the_limit_empty_or_unnamed_does_not_begin(sender, store):
    limit = 20 * 1024 * 1024
    assert "trop lourd" in sender.announce(size=str(limit + 1)).json["sentence"]
    assert "vide" in sender.announce(size="0").json["sentence"]
    for changed in (
        {"size": "-1"},
        {"size": "x"},
        {"name": ""},
        {"mark": ""},
        {"mark": "x" * 65},
        {"name": "x" * 1001},
    ):
        answer = sender.announce(**changed)
        assert answer.status_code == 422
        assert answer.json["sentence"]
    assert sender.announce(size=str(limit)).status_code == 200
    assert count(store, Upload) == 1


def test_a_hostile_name_is_shown_and_never_obeyed(candidate, world, film, store):
    sender = Sender(candidate, world, film, "../../\u202egnp.wav\r\nX: y")
    assert sender.finish(sender.send()).status_code == 303
    with store.reader() as session:
        name = session.scalars(select(EvidenceFile.name)).one()
    assert "/" not in name
    assert "\u202e" not in name


def test_too_many_unfinished_files_are_told(sender, store):
    for number in range(MAX_UPLOADS):
        assert sender.announce(mark=f"{number}").status_code == 200
    refused = sender.announce(mark="more")
    assert refused.status_code == 409
    assert "Trop d’envois" in refused.json["sentence"]
    assert count(store, Upload) == MAX_UPLOADS


def test_an_unfinished_file_is_forgotten_on_demand(sender, film, store, app):
    upload = sender.announce().json["id"]
    sender.part(upload, 0, film[: sender.step])
    forgotten = sender.client.send(f"{sender.address}/{upload}/abandon", form=f"{sender.pieces}/ajouter")
    assert forgotten.status_code == 303
    assert count(store, Upload) == 0
    assert left(app) == []


def test_what_nobody_continued_for_a_week_is_swept(sender, film, store, app):
    old = sender.announce(mark="old").json["id"]
    sender.part(old, 0, film[: sender.step])
    with store.transaction() as session:
        session.execute(update(Upload).values(changed_at=now() - timedelta(days=7, minutes=1)))
    recent = sender.announce().json["id"]
    sender.part(recent, 0, film[: sender.step])
    assert delete_abandoned_uploads(app.extensions["uploads"], store, now() + timedelta(days=2)) == 1
    assert left(app) == [recent]
    assert count(store, Upload) == 1


def test_the_same_part_sent_by_four_windows_at_once_counts_once(sender, film, app, store):
    upload = sender.announce().json["id"]
    start, step = Barrier(4), sender.step

    def one(_: int) -> int:
        client = app.test_client()
        for cookie in sender.client._cookies.values():
            client.set_cookie(cookie.key, cookie.value)
        start.wait()
        digest = hashlib.sha256(film[:step]).hexdigest()
        url, headers = f"{sender.address}/{upload}?place=0", sender.token | {"X-SHA256": digest}
        return client.post(url, data=film[:step], headers=headers, content_type="application/octet-stream").status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(one, range(4)))
    # An S3 takes a part again, in the place of itself.
    assert answers == ([200] * 4 if step == PART else [200, 409, 409, 409])
    assert sender.finish(sender.send()).status_code == 303
    with store.reader() as session:
        assert session.scalars(select(EvidenceFile.sha256)).one() == hashlib.sha256(film).hexdigest()


def test_two_processes_of_one_machine_receive_the_parts_of_one_file(sender, config, film, store):
    other_app = create_app(config)
    other_app.test_client_class = CheckedClient
    other = other_app.test_client()
    for cookie in sender.client._cookies.values():
        other.set_cookie(cookie.key, cookie.value)
    state, mine = sender.announce().json, sender.client
    while state["received"] < len(film):
        sender.client = other if sender.client is mine else mine
        state = sender.part(
            state["id"], state["received"], film[state["received"] : state["received"] + sender.step]
        ).json
    sender.client = mine
    assert sender.finish(state["id"]).status_code == 303
    with store.reader() as session:
        assert session.scalars(select(EvidenceFile.sha256)).one() == hashlib.sha256(film).hexdigest()
    other_app.extensions["database"].engine.dispose()


def test_parts_are_writes_like_any_other(sender, film):
    upload = sender.announce().json["id"]
    assert sender.part(upload, 0, film[: sender.step], Origin="https://ailleurs.example").status_code == 403
    assert sender.part(upload, 0, film[:SMALL], **{"X-CSRFToken": "x"}).status_code == 400
    assert sender.announce().json["received"] == 0


def test_once_the_dossier_is_sealed_nothing_more_comes(sender, film, store, world):
    upload = sender.announce().json["id"]
    with store.transaction() as session:
        session.get_one(Dossier, world.candidacy.id).state = DossierState.SUBMITTED
    assert sender.part(upload, 0, film[:SMALL]).status_code == 403
    assert sender.announce().status_code == 403


@pytest.mark.slow
@pytest.mark.parametrize("config", ["s3"], indirect=True)
def test_a_store_away_when_the_form_comes_keeps_what_came_in_parts(sender, film, store, object_server):
    upload = sender.send()
    object_server.stop()
    try:
        refused = sender.finish(upload)
    finally:
        object_server.start()
    assert refused.status_code == 503
    assert "Les fichiers ne sont pas accessibles" in Page(refused.text).text
    again = sender.announce().json
    assert (again["id"], again["received"], again["missing"]) == (upload, len(film), [])
    assert sender.finish(upload).status_code == 303
    assert count(store, Evidence) == 1


def test_a_new_version_of_a_piece_comes_in_parts_too(candidate, world, film, store, app):
    with store.transaction() as session:
        piece = factories.evidence(session, world.candidacy.id)
    sender = Sender(candidate, world, film)
    form = f"{sender.pieces}/{piece.id}/fichier"
    hidden = {one["name"]: one["value"] for one in candidate.page(form).all("input", type="hidden") if one.get("value")}
    assert candidate.post(form, data=hidden | {"sent": [sender.send()]}).status_code == 303
    with store.reader() as session:
        assert [file.size for file in session.get(Evidence, piece.id).files] == [1000, len(film)]
    assert left(app) == []


@pytest.fixture
def reached(config, object_server):
    """Return the same store, whose S3 browsers reach."""
    return config.with_changes(s3_browser_endpoint=object_server.endpoint)


@pytest.mark.parametrize("config", ["s3"], indirect=True)
def test_parts_go_straight_to_the_s3_where_browsers_reach_it_bound_to_their_length(reached, world, film, store):
    app = create_app(reached)
    app.test_client_class = CheckedClient
    client = app.test_client()
    client.log_in(world.candidate.email, factories.PASSWORD)
    sender = Sender(client, world, film)
    policy = client.get(f"{sender.pieces}/ajouter").headers["Content-Security-Policy"]
    assert f"connect-src 'self' {reached.s3_browser_endpoint};" in policy
    direct = sender.announce().json["direct"]
    assert [(one["start"], one["end"]) for one in direct] == [(0, PART), (PART, 2 * PART), (2 * PART, len(film))]
    first = sender.signed(direct[0])
    assert put(first, film[: PART - 1]) >= 400, "not another length"
    assert put(first, bytes([film[0] ^ 1]) + film[1:PART]) == 400, "a changed byte"
    assert put(first | {"checksum": first["checksum"][::-1]}, film[:PART]) == 403, "not another digest"
    assert put({"url": first["url"]}, film[:PART]) == 403, "not without a digest"
    assert [one["start"] for one in sender.announce().json["direct"]] == [0, PART, 2 * PART], "none is kept"
    for one in direct[:2]:
        assert put(sender.signed(one), film[one["start"] : one["end"]]) == 200
    again = sender.announce().json
    for place, digest in ((1, "0" * 64), (3 * PART, "0" * 64), (-PART, "0" * 64), (0, "x")):
        asked = f"{sender.address}/{again['id']}/adresse?place={place}&sha256={digest}"
        assert client.post(asked, headers=sender.token).status_code == 404
    assert [one["start"] for one in again["direct"]] == [2 * PART]
    assert sender.finish(again["id"]).status_code == 422, "not whole"
    assert sender.part(again["id"], 2 * PART, film[2 * PART :]).status_code == 200, "through us, if need be"
    assert sender.finish(again["id"]).status_code == 303
    with store.reader() as session:
        assert session.scalars(select(EvidenceFile.sha256)).one() == hashlib.sha256(film).hexdigest()
    app.extensions["database"].engine.dispose()


def put(signed: dict[str, str], content: bytes) -> int:
    headers = {"Content-Type": ""}
    if "checksum" in signed:
        headers["x-amz-checksum-sha256"] = signed["checksum"]
    request = urllib.request.Request(signed["url"], content, headers, method="PUT")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_an_upload_in_a_bucket_outlives_the_sweep_of_the_store(sender, film, app, store):
    upload = sender.announce().json["id"]
    sender.part(upload, 0, film[: sender.step])
    assert delete_orphan_files(app.extensions["files"], store, now() + timedelta(days=3)) == (0, 0)
    assert sender.announce().json["received"] == sender.step
    assert sender.finish(sender.send()).status_code == 303


def test_two_forms_that_take_one_upload_make_one_piece(sender, store, app):
    upload = sender.send()
    other = {one["name"]: one["value"] for one in sender.page().all("input", type="hidden") if one.get("value")}
    start = Barrier(2)

    def finish(form: dict[str, str]) -> int:
        client = app.test_client()
        for cookie in sender.client._cookies.values():
            client.set_cookie(cookie.key, cookie.value)
        start.wait()
        return client.post(f"{sender.pieces}/ajouter", data=form | {"sent": [upload]}).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(finish, [sender.form, other]))
    assert answers[0] == 303
    assert answers[1] in {409, 422}
    assert count(store, Evidence) == 1
    assert check_files(app.extensions["files"], store).ok


@pytest.mark.parametrize("config", ["local"], indirect=True)
def test_a_file_that_is_in_the_dossier_already_need_not_come_again_for_a_second_piece(sender, film, store):
    assert sender.finish(sender.send()).status_code == 303
    again = Sender(sender.client, sender.world, film, "copie.wav")
    upload = again.send()
    refused = again.finish(upload)
    assert refused.status_code == 409
    assert "est déjà dans votre dossier" in Page(refused.text).text
    hidden = {one["name"]: one["value"] for one in Page(refused.text).all("input", type="hidden") if one.get("value")}
    assert again.announce().json["missing"] == []
    answer = sender.client.post(f"{again.pieces}/ajouter", data=hidden | {"sent": [upload], "twice": "y"})
    assert answer.status_code == 303
    assert count(store, Evidence) == 2
