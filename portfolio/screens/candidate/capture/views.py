"""Offline capture of evidence: the page, the web app manifest that makes the site installable and a share target, its
service worker, and what a browser must know to send its outbox (static/js/captures.js).
"""

from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from portfolio.access.candidacy import list_own_access
from portfolio.access.decorators import own_page, public_page
from portfolio.db.engine import read_session
from portfolio.domain.personal_data.use_cases import list_own_candidacies
from portfolio.files.file_types.types import ACCEPT_ATTRIBUTE
from portfolio.screens.account.navigation import browser_storage_key
from portfolio.screens.evidence_files.uploads import max_file_bytes
from portfolio.web.headers import MICROPHONE

bp = Blueprint("capture", __name__)


@bp.get("/capturer")
@public_page
def page() -> ResponseReturnValue:
    """Show the page that keeps captures in the browser; it holds nothing of anybody, so that it is kept too."""
    return render_template("candidate/capture/capture.html")


@bp.after_request
def _allow_the_microphone(response: Response) -> Response:
    """Let the page that captures ask for the microphone."""
    response.headers["Permissions-Policy"] = MICROPHONE
    return response


@bp.get("/capturer/dossiers")
@own_page
def dossiers() -> Response:
    """Return the drafts that the person may add evidence to, where to send it, and the token that goes with it."""
    editable = {case.id for case in list_own_access(read_session(), current_user.id) if case.is_editable}
    found = [
        {
            "id": str(own.id),
            "title": own.title,
            "add": url_for("candidate.evidence.upload", candidacy_id=own.id),
            "parts": url_for("candidate.evidence.start", candidacy_id=own.id),
        }
        for own in list_own_candidacies(read_session(), current_user.id)
        if own.id in editable
    ]
    return jsonify(
        owner=browser_storage_key(current_user.id), token=generate_csrf(), limit=max_file_bytes(), dossiers=found
    )


@bp.get("/service-worker.js")
@public_page
def service_worker() -> Response:
    """Return the service worker, whose bytes change with the static files that it keeps."""
    files = current_app.extensions["static_files"]
    script = Path(current_app.static_folder or "", "js", "service-worker.js").read_text(encoding="utf-8")
    named = script.replace('"./', f'"{files.asset("js/")}').replace("__VERSION__", files.prefix)
    return Response(named, mimetype="text/javascript")


@bp.get("/apple-touch-icon.png")
@public_page
def icon() -> Response:
    """Return the icon that an iPhone looks for, at the address where it looks."""
    return current_app.send_static_file("img/apple-touch-icon.png")


@bp.get("/application.webmanifest")
@public_page
def manifest() -> Response:
    """Return the manifest by which a telephone installs the site and shares files to it."""
    asset = current_app.extensions["static_files"].asset
    icon = {"type": "image/png", "purpose": "any"}
    capture = url_for(".page")
    answer = jsonify(
        id="/",
        name="Acquis",
        short_name="Acquis",
        description="La preuve de ce que vous savez faire",
        lang="fr",
        start_url="/",
        scope="/",
        display="standalone",
        background_color="#ffffff",
        theme_color="#2a8a7b",
        icons=[
            icon | {"src": asset("img/icon-192.png"), "sizes": "192x192"},
            icon | {"src": asset("img/icon-512.png"), "sizes": "512x512"},
            icon | {"src": asset("img/icon-maskable-512.png"), "sizes": "512x512", "purpose": "maskable"},
        ],
        shortcuts=[{"name": "Capturer", "url": capture}],
        share_target={
            "action": f"{capture}/partage",
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"title": "title", "text": "text", "url": "url", "files": [
                {"name": "files", "accept": ["image/*", "audio/*", "video/*", "application/pdf", *_extensions()]}
            ]},
        },
    )  # fmt: skip
    answer.mimetype = "application/manifest+json"
    return answer


def _extensions() -> list[str]:
    return [one.strip() for one in ACCEPT_ATTRIBUTE.split(",") if one.strip().startswith(".")]
