"""Anyone who holds a receipt asks whether a file is the one that was sealed: the digest travels, never the file."""

import re

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from wtforms.validators import ValidationError

from portfolio.access.decorators import public_page
from portfolio.db.engine import read_session
from portfolio.documents.livret.archive import CHECKER
from portfolio.domain.submission.use_cases.verification import check_file
from portfolio.files.filenames import attachment_headers
from portfolio.web.forms import Form, SingleLineField
from portfolio.wording import editions as wording

bp = Blueprint("sealed", __name__)

_DIGEST = re.compile(r"[0-9a-f]{64}")


def _plain(value: str | None) -> str:
    return re.sub(r"\s", "", value or "").lower()


def _is_digest(_form: Form, field: SingleLineField) -> None:
    if not _DIGEST.fullmatch(_plain(field.data)):
        raise ValidationError("Ce code compte 64 signes, de 0 à 9 et de a à f. Copiez-le en entier.")


class FileCheckForm(Form):
    """The root of the receipt, the digest of the file, and the label of the exhibit that it should be."""

    root = SingleLineField(
        "Code de contrôle du dossier",
        missing="Copiez le code de contrôle imprimé sur le récépissé (« empreinte » sur les plus anciens).",
        validators=[_is_digest],
    )
    sha256 = SingleLineField(
        "Code de contrôle du fichier (SHA-256)",
        missing="Choisissez le fichier, ou copiez son code de contrôle.",
        validators=[_is_digest],
    )
    label = SingleLineField("Repère de la pièce, si vous le connaissez", limit=20)


@bp.get("/verifier-un-dossier")
@public_page
def form() -> ResponseReturnValue:
    """Show what to give to check a file."""
    return render_template("public/sealed/check.html", form=FileCheckForm(formdata=None), answer=None, wording=wording)


@bp.post("/verifier-un-dossier")
@public_page
def check() -> ResponseReturnValue:
    """Answer whether a file is the one that was sealed."""
    asked = FileCheckForm()
    if not asked.validate():
        return render_template("public/sealed/check.html", form=asked, answer=None, wording=wording), 422
    label = (asked.label.data or "").strip().upper()
    answer = check_file(read_session(), _plain(asked.root.data), _plain(asked.sha256.data), label)
    return render_template("public/sealed/check.html", form=asked, answer=answer, wording=wording)


@bp.get("/verifier-un-dossier/acquis_check.py")
@public_page
def checker() -> Response:
    """Send the program that checks without this site."""
    response = Response(CHECKER.read_bytes())
    response.headers.update(attachment_headers("acquis_check.py", "text/x-python"))
    return response
