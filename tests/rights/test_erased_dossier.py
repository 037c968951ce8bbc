"""A dossier is erased as a whole: none of its canaries is in the data folder, in a version of the bucket, or
in a dump.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from portfolio import create_app
from portfolio.db.engine import Database
from portfolio.db.maintenance import compact
from portfolio.domain.candidacy.models import Erasure
from portfolio.domain.candidacy.rules.stage import Cause, Extent
from portfolio.domain.candidacy_listing.use_cases import check as check_lists
from portfolio.domain.holdings.models.events import GrantStatusChange, ObservationInvitation
from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.holdings.rules.status_changes import AppealOutcome, StatusChangeKind
from portfolio.domain.holdings.use_cases import appeals
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.ledger.recording import append
from portfolio.domain.retention.use_cases.erasing import plan_erasure, run_due_erasures
from portfolio.files.integrity.references import check_files
from portfolio.files.storage.s3 import S3Store
from portfolio.web.clock import now, today
from tests.applications import close_app, config_for
from tests.object_store import kept_in
from tests.postgresql import fresh_database
from tests.rights.application import Installation
from tests.rights.leak_markers import Canary
from tests.rights.moving import move
from tools.cluster.postgresql import postgresql_programs

# What minutes, decisions and certificates say has no end (domain.md §8): the name that they bear, and the
# words of the jury.
OF_DECISIONS = {"name", "birthplace", "reason", "advice", "finding", "missing", "rectified", "recusal", "heardline"}
# A jury's own document about its session, and the place of an earlier acquisition, which its certificate
# prints.
OF_JURY, OF_CERTIFICATE = {"paper", "paperfile"}, {"name", "birthplace", "obtained"}


@dataclass
class Place:
    """An installation, its world, and how to read every byte that it keeps."""

    app: Flask
    world: object
    folder: Path
    bucket: object = None
    server: object = None

    @property
    def store(self) -> Database:
        return self.app.extensions["database"]

    def everything(self) -> Iterator[bytes]:
        """Yield each file of the data folder, each version of each object of the bucket, and the dump of the
        database.
        """
        for path in self.folder.rglob("*"):
            if path.is_file():
                yield path.read_bytes()
        if self.bucket is not None:
            pages = self.server.client.get_paginator("list_object_versions").paginate(
                Bucket=self.bucket.name, Prefix=self.bucket.prefix
            )
            for version in [each for page in pages for each in page.get("Versions", ())]:
                kept = {"Bucket": self.bucket.name, "Key": version["Key"], "VersionId": version["VersionId"]}
                yield self.server.client.get_object(**kept)["Body"].read()
            url = self.app.config["SETTINGS"].database_url.replace("+psycopg", "")
            program = f"{postgresql_programs()}/pg_dump"
            yield subprocess.run([program, "--dbname", url], capture_output=True, check=True).stdout

    def canaries(self, owner: str) -> set[str]:
        """Return the fields of an owner whose canary stands somewhere, as `grep -a` would find it; PDF text
        is not compressed.
        """
        wanted = re.compile(f"kanari{owner}0([a-z]+)0".encode(), re.IGNORECASE)
        return {field.decode().lower() for content in self.everything() for field in wanted.findall(content)}


@pytest.fixture(params=["sqlite-local", "postgresql-s3"])
def place(request: pytest.FixtureRequest, built: Installation, tmp_path: Path) -> Iterator[Place]:
    """Give the world of the rights, copied to a place of its own: one machine, or PostgreSQL and a bucket that
    keeps versions.
    """
    built.restore()
    compact(built.store)
    source = built.app.config["SETTINGS"].data
    if request.param == "sqlite-local":
        shutil.copytree(source, tmp_path / "data")
        app = create_app(config_for(f"sqlite:///{tmp_path / 'data' / 'acquis.db'}", tmp_path / "data"))
        yield Place(app, built.world, tmp_path / "data")
        close_app(app)
        return
    server = request.getfixturevalue("object_server")
    bucket = server.bucket(f"erased-{tmp_path.name}")
    server.client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    with fresh_database(request.getfixturevalue("postgresql_server")) as url:
        (tmp_path / "data").mkdir()
        for name in ("ledger.key", "ledger.jwks.json"):
            shutil.copy(source / name, tmp_path / "data" / name)
        config = kept_in(config_for(url, tmp_path / "data"), bucket)
        app = create_app(config)
        move(built.store.engine, app.extensions["database"].engine)
        files, kept = app.extensions["files"], built.app.extensions["files"]
        assert isinstance(files, S3Store)
        for key in kept.keys():  # noqa: SIM118 - a store is no mapping
            with kept.open(key) as content:
                files.save(key, content)
        yield Place(app, built.world, tmp_path / "data", bucket, server)
        close_app(app)
    server.client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Suspended"})


def end_procedures(place: Place, tag: str) -> None:
    """The appeal is rejected, and the body decides on what it had invited the holder to explain: nothing
    holds any more.
    """
    known = place.world.places[tag]
    with place.store.transaction() as session:
        invitation = session.get_one(ObservationInvitation, known["invitation_id"])
        by = invitation.recorded_by
        appeals.answer(
            session, known["hearing_id"], known["appeal_id"], AppealOutcome.REJECTED, today(), str(Canary(tag, "answer")),
            by=by, at=now(),
        )  # fmt: skip
        decided = GrantStatusChange(
            kind=StatusChangeKind.RECTIFICATION, grant_id=invitation.grant_id, sequence=9, reason="Erreur de plume", is_for_bias=None,
            heard_on=today(), decided_on=today(), decided_by=by, recorded_at=now(),
        )  # fmt: skip
        session.add(decided)
        session.flush()
        append(session, [decided], at=now())


def order(place: Place, tag: str) -> UUID:
    candidacy_id = place.world.places[tag]["candidacy_id"]
    with place.store.transaction() as session:
        assert plan_erasure(session, candidacy_id, Extent.WHOLE, Cause.ASKED, by=None, at=now(), run_after=now())
        return session.scalars(select(Erasure.id).where(Erasure.candidacy_id == candidacy_id)).one()


def run(place: Place) -> int:
    extensions = place.app.extensions
    return run_due_erasures(place.store, extensions["files"], extensions["uploads"], now)


def damaged(place: Place) -> set[str]:
    return {issue.key for issue in check_files(place.app.extensions["files"], place.store).findings}


def numbers_of(place: Place, tag: str) -> list[str]:
    with place.store.reader() as session:
        query = select(Certificate.number).join(Grant, Grant.id == Certificate.grant_id)
        return list(session.scalars(query.where(Grant.person_id == place.world.people[f"candidate {tag}"])))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tag", "stays"), [("past", OF_DECISIONS | OF_JURY), ("draft", OF_CERTIFICATE), ("sealed", set())]
)
def test_nothing_of_an_erased_dossier_is_left_but_decisions_and_certificates(place: Place, tag: str, stays: set[str]):
    before, faults = place.canaries(tag), damaged(place)
    assert len(before) > 20, before
    certificates = numbers_of(place, tag)
    if "appeal_id" in place.world.places[tag]:
        order(place, tag)
        assert run(place) == 0, "an appeal under way holds the dossier"
        assert place.canaries(tag) == before
        end_procedures(place, tag)
    else:
        order(place, tag)
    assert run(place) == 1
    assert place.canaries(tag) <= stays
    assert place.canaries("heard") > {"narrative", "file", "email"}, "another dossier lost something"
    assert damaged(place) <= faults
    client = place.app.test_client()
    for number in certificates:
        assert client.get(f"/certificats/{number}").status_code == 200
    with place.store.reader() as session:
        report = check(session, place.app.extensions["keys"])
        assert report.ok, report.difference
        assert report.erased or tag == "sealed"
        assert check_lists(session).is_right


def test_a_stop_between_rows_and_files_is_continued_by_the_next_run(place: Place):
    order(place, "draft")
    files = place.app.extensions["files"]
    deleted: list[str] = []

    def power_cut(key: str) -> None:
        if len(deleted) == 2:
            raise KeyboardInterrupt
        type(files).delete(files, key)
        deleted.append(key)

    files.delete = power_cut
    with pytest.raises(KeyboardInterrupt):
        run(place)
    del files.delete
    with place.store.reader() as session:
        erasure = session.scalars(select(Erasure)).one()
        assert erasure.rows_at is not None
        assert erasure.files_at is None
    assert run(place) == 1
    assert run(place) == 0
    assert place.canaries("draft") <= OF_CERTIFICATE


@pytest.mark.parametrize("place", ["sqlite-local"], indirect=True)
def test_an_erased_dossier_is_gone_for_its_people_and_told_to_its_body(place: Place):
    here = Installation(place.app, place.world)
    dossier = f"/dossiers/{place.world.places['sealed']['candidacy_id']}"
    assert here.browser("candidate", "sealed").get(dossier).status_code == 200
    order(place, "sealed")
    run(place)
    assert here.browser("advisor", "sealed").get(dossier).status_code == 404
    # The account itself is gone.
    assert here.browser("candidate", "sealed").get("/compte").status_code in (302, 303, 401, 404)
    assert here.browser("candidate", "sealed").get(dossier).status_code == 303, "it leads to the log-in"
    candidacy = dossier.replace("/dossiers/", "/candidatures/")
    assert here.browser("certifier", "sealed").get(candidacy).status_code == 410
