"""A person downloads everything that is kept of them: one archive, readable without this site."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import own_page
from portfolio.db.engine import read_session
from portfolio.domain.personal_data import use_cases
from portfolio.files.storage.store import CHUNK_BYTES, FileStore, KeyNotFound
from portfolio.files.zip_stream import ZipMember
from portfolio.web.archives import zip_response
from portfolio.web.clock import now, today

bp = Blueprint("own_data", __name__)


@bp.get("/mes-donnees")
@own_page
def own_data() -> Any:
    """Say what the archive holds."""
    candidacies = use_cases.list_own_candidacies(read_session(), current_user.id)
    return render_template("account/own_data.html", candidacies=candidacies)


@bp.get("/mes-donnees/archive.zip")
@own_page
def archive() -> Response:
    """Send the archive as it is made: a page to read, every row as JSON, every file, every sealed manifest."""
    members = list(_members(read_session(), current_app.extensions["files"], current_user.id))
    return zip_response(members, f"acquis-mes-donnees-{today():%Y-%m-%d}.zip", digests="empreintes-sha256.txt")


def _members(db: Session, files: FileStore, person_id: UUID) -> Iterator[ZipMember]:
    account = use_cases.load_account(db, person_id)
    tables = dict(use_cases.load_tables(db, person_id))
    candidacies = use_cases.list_own_candidacies(db, person_id)
    folders = {each.id: f"candidature-{number}-{each.code}" for number, each in enumerate(candidacies, 1)}
    kept = [
        (f"{folders[candidacy_id]}/preuves/{number:03d}-v{version}-{name}", key)
        for candidacy_id, number, version, name, key in use_cases.list_own_files(db, person_id)
    ]
    page = render_template(
        "account/own_data_archive.html", account=account, tables=tables, candidacies=candidacies, folders=folders,
        files=kept, at=now(),
    )  # fmt: skip
    yield ZipMember("a-lire-d-abord.html", partial(_bytes, page.encode()))
    whole = json.dumps({"account": account, **tables}, ensure_ascii=False, indent=2)
    yield ZipMember("donnees.json", partial(_bytes, whole.encode()))
    for candidacy_id, number, manifest in use_cases.list_own_manifests(db, person_id):
        yield ZipMember(f"{folders[candidacy_id]}/depots/depot-{number}.json", partial(_bytes, manifest))
    for name, key in kept:
        yield ZipMember(name, partial(_chunks, files, key))


def _bytes(content: bytes) -> Iterable[bytes]:
    return (content,)


def _chunks(files: FileStore, key: str) -> Iterator[bytes]:
    """Yield the bytes of a kept file; one that is lost gives an empty entry, and the checks of the night name it."""
    try:
        with files.open(key) as content:
            while chunk := content.read(CHUNK_BYTES):
                yield chunk
    except KeyNotFound:
        return
