"""A large file comes in parts, each acknowledged once it is on the disk; then its form takes it as if it had come with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import UUID

from flask import abort, current_app, redirect, request, session, url_for
from werkzeug.datastructures import FileStorage

from portfolio.cases import CandidacyCase
from portfolio.db import end_reading, reading, transaction
from portfolio.dossier import wording as dossier_wording
from portfolio.dossier.forms import ConfirmForm
from portfolio.evidence import services
from portfolio.evidence.forms import SendingForm
from portfolio.evidence.rules import PART, fits
from portfolio.evidence.services import SendingView
from portfolio.evidence.views.blueprint import bp
from portfolio.evidence.wording import ALTERED, NOT_WHOLE, REFUSALS, refused_sentence
from portfolio.guards import candidacy_page
from portfolio.policy import Permission
from portfolio.refusal import Refusal
from portfolio.storage.names import shown_name
from portfolio.storage.parts import Altered, Parts, append
from portfolio.storage.store import StoreFull, TooLarge
from portfolio.web.clock import now

_SAID: dict[Any, Any] = {**dossier_wording.REFUSALS, **REFUSALS}


@bp.post("/dossiers/<uuid:candidacy_id>/envois")
@candidacy_page(Permission.EDIT_DRAFT)
def announce(case: CandidacyCase) -> Any:
    """Begin a file, or say how much of it is here already."""
    form = SendingForm(current_app.config["SETTINGS"].upload_limit)
    if not form.validate():
        return _said(form.first_error), 422
    try:
        with transaction() as db:
            found = services.begin_sending(db, case.id, form.value(), parts().length, at=now())
            parts().check_room(found.size - found.received)
    except Refusal as refusal:
        return _said(_SAID[refusal.code](refusal.facts)), 409
    except StoreFull as error:
        return _said(refused_sentence(error, None)), 507
    return _state(found)


@bp.post("/dossiers/<uuid:candidacy_id>/envois/<uuid:sending_id>")
@candidacy_page(Permission.EDIT_DRAFT)
def receive_part(case: CandidacyCase, sending_id: UUID) -> Any:
    """Keep the next part of a file: the body of the request, at the place it says, with the SHA-256 it says."""
    place, length, sha256 = request.args.get("place", -1, int), request.content_length or 0, request.headers.get("X-SHA256", "")
    with parts().adding(sending_id) as file:
        found = services.find_sending(reading(), case.id, sending_id) or abort(404)
        end_reading()
        if place != found.received:
            return _state(found), 409  # sent twice, or another window is further: go on from there
        if not fits(place, length, found.size):
            return _state(found), 422
        try:
            append(file, place, request.stream, sha256, length)  # type: ignore[arg-type]  # werkzeug's is readable
        except (Altered, TooLarge):
            return _state(found), 422
        except StoreFull as error:
            return _said(refused_sentence(error, None)), 507
        with transaction() as db:
            found = services.add_part(db, case.id, sending_id, place, length, sha256, at=now())
    return _state(found)


@bp.post("/dossiers/<uuid:candidacy_id>/envois/<uuid:sending_id>/abandon")
@candidacy_page(Permission.EDIT_DRAFT)
def abandon(case: CandidacyCase, sending_id: UUID) -> Any:
    """Forget a file that will not come to its end."""
    if not ConfirmForm().validate_on_submit():
        abort(400)
    end(case, [sending_id])
    session["notice"] = "L’envoi inachevé est oublié."
    return redirect(url_for(".add", candidacy_id=case.id), 303)


def parts() -> Parts:
    """The place where files that come in parts wait."""
    return Parts(current_app.config["SETTINGS"].parts)


class Arrived(FileStorage):
    """A file that came in parts, handed to its form; `waits` when the store could not take it yet."""

    def __init__(self, stream: Any, found: SendingView) -> None:
        super().__init__(stream, found.name)
        self.id, self.waits = found.id, False


@contextmanager
def arrived(case: CandidacyCase, field: Any, ids: Sequence[UUID]) -> Iterator[list[Arrived]]:
    """Lend the files that came in parts; the field says which ones are not whole."""
    with ExitStack() as held:
        files = []
        for one in ids:
            found = services.find_sending(reading(), case.id, one)
            if found is None or not found.is_whole:
                field.errors = [*field.errors, NOT_WHOLE]
                continue
            try:
                files.append(Arrived(held.enter_context(parts().whole(one, found.parts)), found))
            except Altered:
                end(case, [one])
                field.errors = [*field.errors, ALTERED.format(name=shown_name(found.name))]
        yield files


def end(case: CandidacyCase, ids: Sequence[UUID]) -> None:
    """Forget files on their way, and their bytes."""
    if ids:
        with transaction() as db:
            services.end_sendings(db, case.id, ids)
        forget_bytes(ids)


def forget_bytes(ids: Sequence[UUID]) -> None:
    """Remove the bytes of files whose rows are gone."""
    for one in ids:
        parts().forget(one)


def _state(found: SendingView) -> dict[str, Any]:
    return {"id": str(found.id), "received": found.received, "part": PART}


def _said(sentence: str) -> dict[str, str]:
    return {"sentence": sentence}
