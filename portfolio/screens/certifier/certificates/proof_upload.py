"""The password and the proof that come with an act: checked before the transaction that records the act."""

from __future__ import annotations

from portfolio.domain.evidence.use_cases.uploads import ReceivedFile, UploadBatch
from portfolio.files.file_types.types import FileCategory, FileType
from portfolio.screens.account.reauthentication_form import password_confirmed
from portfolio.screens.certifier.certificates.proof_forms import AGAIN, ProofForm
from portfolio.screens.evidence_files.upload_forms import store_upload

_NOT_A_DOCUMENT = (
    "Ce fichier ne s’ouvre pas comme un document. Joignez la preuve en PDF, ou en image\u00a0: un scan, une "
    "photo."
)


def is_confirmed(form: ProofForm) -> bool:
    """Return whether the password is right and a proof came; else the fields say what to do.

    A browser does not send a file twice by itself: when the password is wrong, the proof is asked again.
    """
    asked = not form.password.errors
    here = form.check_proof()
    if asked and here and password_confirmed(form):
        return True
    if here:
        form.proof.errors = [AGAIN]
    return False


def store_proof(opened: UploadBatch, form: ProofForm) -> ReceivedFile | None:
    """Receive the proof of a form; None when it is refused, or is neither a PDF nor an image: its field says
    why.
    """
    file = store_upload(opened, form.proof, form.proof.data)
    if file is None:
        return None
    if file.mime != FileType.PDF.mime and file.family != FileCategory.IMAGE.value:
        form.proof.errors = [_NOT_A_DOCUMENT]
        return None
    return file
