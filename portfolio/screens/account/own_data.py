"""A person downloads everything that is kept of them: one archive, readable without this site."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, own_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.candidacy.models import Erasure
from portfolio.domain.personal_data import use_cases
from portfolio.domain.retention.models import ErasureRequest
from portfolio.domain.retention.rules import Clock, Hold, RetentionRefusal, reasons_to_keep
from portfolio.domain.retention.use_cases import requests
from portfolio.domain.retention.use_cases.clocks import compute_clocks
from portfolio.domain.retention.use_cases.facts import load_dated
from portfolio.domain.retention.use_cases.requests import find_last_request, find_planned
from portfolio.errors import Refusal
from portfolio.files.storage.store import CHUNK_BYTES, FileStore, KeyNotFound
from portfolio.files.zip_stream import ZipMember
from portfolio.web.clock import now, today
from portfolio.web.exports import zip_response
from portfolio.web.forms import IdempotentForm, MultiLineField, run_once
from portfolio.wording import retention as say
from portfolio.wording.holdings import contests, grants

bp = Blueprint("own_data", __name__)


@dataclass(frozen=True, slots=True)
class KeptDossier:
    """A dossier of a person: until when each kind of its data is kept, what holds it, and what was asked."""

    id: UUID
    code: str
    title: str
    clocks: tuple[Clock, ...]
    holds: tuple[Hold, ...]
    request: ErasureRequest | None
    planned: Erasure | None

    @property
    def may_ask(self) -> bool:
        """Tell whether its erasure can be asked for: nothing is asked, ordered or done."""
        return self.planned is None and (self.request is None or self.request.answered_at is not None)


class ErasureForm(IdempotentForm):
    """Message that a candidate may add to their request."""

    message = MultiLineField("Un mot pour l’organisme", limit=2000)


@bp.get("/mes-donnees")
@own_page
def own_data() -> ResponseReturnValue:
    """Say what the archive holds."""
    db = read_session()
    candidacies = use_cases.list_own_candidacies(db, current_user.id)
    dated = load_dated(db, [each.id for each in candidacies], today())
    kept = [
        KeptDossier(
            each.id, each.code, each.title, compute_clocks(dated[each.id]), dated[each.id].facts.holds,
            find_last_request(db, each.id), find_planned(db, each.id),
        )
        for each in candidacies
    ]  # fmt: skip
    return render_template(
        "account/own_data/own_data.html", kept=kept, say=say, backup_days=current_app.config["SETTINGS"].backup_days
    )


@bp.get("/dossiers/<uuid:candidacy_id>/effacement")
@candidacy_page(Permission.ASK_ERASURE)
def erasure_form(case: CandidacyAccess) -> ResponseReturnValue:
    """Say what an erasure takes and what stays, and let the candidate ask for it."""
    return _erasure_page(case, ErasureForm(formdata=None))


@bp.post("/dossiers/<uuid:candidacy_id>/effacement")
@candidacy_page(Permission.ASK_ERASURE)
def ask_erasure(case: CandidacyAccess) -> ResponseReturnValue:
    """Ask the body for the erasure of the dossier."""
    form = ErasureForm()
    if not form.validate():
        return _erasure_page(case, form), 422

    def act(db: Session) -> str:
        requests.ask_erasure(db, case.id, form.message.data or "", by=current_user.id, at=now())
        return url_for(".own_data")

    try:
        response: ResponseReturnValue = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _erasure_page(case, form, say.REFUSALS[RetentionRefusal(refusal.code)](refusal.facts)), 409
    session["notice"] = "Votre demande est envoyée. L’organisme doit vous répondre dans le mois."
    return response


def _erasure_page(case: CandidacyAccess, form: ErasureForm, stopped: str = "") -> str:
    db = read_session()
    last = find_last_request(db, case.id)
    dated = load_dated(db, [case.id], today())[case.id]
    grounds = reasons_to_keep(dated.facts, dated.periods, today())
    return render_template(
        "account/own_data/erasure.html", case=case, form=form, stopped=stopped, last=last, grounds=grounds, say=say
    )


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
        "account/own_data/own_data_archive.html", account=account, tables=tables, candidacies=candidacies,
        folders=folders, files=kept, at=now(), today=today(), grants=grants, contests=contests,
        results={each.id: use_cases.load_results(db, each.id, today()) for each in candidacies},
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
