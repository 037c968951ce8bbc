"""The password and the proof that come with an act: checked before the transaction that records the act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app

from portfolio.certificate.proof_forms import AGAIN, ProvenForm
from portfolio.evidence.services import ReceivedFile, Reception, reception
from portfolio.evidence.views.desk import received
from portfolio.paper.views.again import confirmed
from portfolio.storage.kinds import Family, FileKind

_NOT_A_DOCUMENT = "Ce fichier ne s’ouvre pas comme un document. Joignez la preuve en PDF, ou en image\u00a0: un scan, une photo."


@contextmanager
def proof_reception() -> Iterator[Reception]:
    """Open the reception of the proof of one act."""
    with reception(current_app.extensions["files"], limit()) as opened:
        yield opened


def limit() -> int:
    """Return the most that one file may weigh, in bytes."""
    most: int = current_app.config["SETTINGS"].upload_limit
    return most


def is_confirmed(form: ProvenForm) -> bool:
    """Return whether the password is right and a proof came; else the fields say what to do.

    A browser does not send a file twice by itself: when the password is wrong, the proof is asked again.
    """
    asked = not form.password.errors
    here = form.check_proof()
    if asked and here and confirmed(form):
        return True
    if here:
        form.proof.errors = [AGAIN]
    return False


def received_document(opened: Reception, form: ProvenForm) -> ReceivedFile | None:
    """Receive the proof of a form; None when it is refused, or is neither a PDF nor an image: its field says why."""
    file = received(opened, form.proof, form.proof.data)
    if file is None:
        return None
    if file.mime != FileKind.PDF.mime and file.family != Family.IMAGE.value:
        form.proof.errors = [_NOT_A_DOCUMENT]
        return None
    return file
