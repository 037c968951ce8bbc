"""Pages of results, and the public proof of a certificate.

Checking a certificate by its number.

What anyone who has a certificate's number may see.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import segno
from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField, FileRequired
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from wtforms.validators import ValidationError

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.certificate import find_certificate_access
from portfolio.access.decorators import candidacy_page, public_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.admissibility.use_cases.deadline_rulings import load_rulings
from portfolio.domain.assessment.use_cases.plans import retry_rule
from portfolio.domain.candidacy.rules.stage import PathStep
from portfolio.domain.holdings.models.grants import Certificate, CertificateSeal, CertificateSignature
from portfolio.domain.holdings.rules.completion import read_number
from portfolio.domain.holdings.use_cases import credentials, status_history
from portfolio.domain.holdings.use_cases.appeals import list_own_appeals
from portfolio.domain.holdings.use_cases.contest_tasks import list_own_invitations
from portfolio.domain.holdings.use_cases.credentials import load_credential
from portfolio.domain.holdings.use_cases.file_checks import MOST_BYTES, check_file
from portfolio.domain.holdings.use_cases.granting import AwardBlock, list_award_blocks
from portfolio.domain.holdings.use_cases.notified_results import certificate_is_notified, list_closed_minutes
from portfolio.domain.holdings.use_cases.signatures import find_seal
from portfolio.domain.holdings.use_cases.status import CertificateStatus, load_certificate_status
from portfolio.domain.ledger.checkpoints import checkpoint_covering, latest_checkpoint
from portfolio.domain.ledger.rules.chain import Checkpoint
from portfolio.domain.notification.use_cases.document_data import holder_may_read
from portfolio.files.filenames import attachment_headers
from portfolio.french_text import date_fr
from portfolio.screens.candidate.results import queries
from portfolio.web.clock import now, today
from portfolio.web.forms import Form, IdempotentForm, SingleLineField
from portfolio.web.request_limits import accepts_file, mark_link_opened
from portfolio.web.urls import base_url
from portfolio.wording import candidacy as delays
from portfolio.wording.assessment import OWN_RETRIES
from portfolio.wording.documents.credential import (
    credential_picture,
    linkedin_address,
    preview_picture,
    register_address,
)
from portfolio.wording.dossier import jury_over, own_step_message
from portfolio.wording.holdings import contests, endings, grants
from portfolio.wording.jury import suspension_message

bp = Blueprint("certificate", __name__)


class NumberForm(Form):
    """The number of a certificate, as it is typed or pasted. It only reads: no token is needed."""

    class Meta(Form.Meta):
        """A form that is sent by GET."""

        csrf = False

    numero = SingleLineField("Numéro du certificat", missing="Écrivez le numéro du certificat. Il a seize signes.")

    def validate_numero(self, _field: Any) -> None:
        """Refuse what cannot be a number, and say how one looks."""
        if self.number is None:
            raise ValidationError(
                "Ce numéro n’a pas la bonne forme. Il a seize signes, par groupes de quatre, par exemple "
                "K7QD-94MT-XW2B-R8FN."
            )

    @property
    def number(self) -> str | None:
        """Return the number that was meant; the address of a certificate's page is understood too."""
        return read_number((self.numero.data or "").rstrip("/").rsplit("/", 1)[-1])


@bp.get("/dossiers/<uuid:candidacy_id>/resultats")
@candidacy_page(Permission.READ_RESULTS)
def results(case: CandidacyAccess) -> ResponseReturnValue:
    """Show per block what is acquired and under which number, or why not and what can be done."""
    # The candidate and the advisor read a result with its notification, not before.
    notified = not case.is_certifier
    page = queries.load_results_page(read_session(), case.id, on=today(), notified=notified)
    again = IdempotentForm(formdata=None)
    # A link to what ended is shown too: its holder may withdraw it.
    numbers = {block.held.number if block.held else block.given or "" for block in page.blocks}
    signed = credentials.list_signed(read_session(), numbers | ({page.whole.number} if page.whole else set()))
    context: dict[str, Any] = {
        # Only their holder takes them: the advisor reads the page.
        "digital": (digital := _linkedin_addresses(signed) if case.is_candidate else {}),
        "wallets": digital.keys() if current_app.config["SETTINGS"].wallets else (),
        "papers": list_closed_minutes(read_session(), case.id),
        "signed": signed,
        "sealed": {number for number, paper in signed.items() if paper.is_sealed},
        "shares": {number: paper.token for number, paper in signed.items()} if case.is_candidate else None,
        "site": base_url(),
        "rulings": load_rulings(read_session(), case.id),
        "delays": delays,
    }
    retry = "" if case.has_dossier else OWN_RETRIES[retry_rule(read_session(), case.version_id)]
    concerned = case.is_candidate or case.is_certifier
    context["invitations"] = (
        list_own_invitations(read_session(), case.candidate_id, case.version_id) if concerned else []
    )
    context["appeals"] = list_own_appeals(read_session(), case.id, notified=notified) if concerned else []
    context |= {"contest_words": contests, "today": today()}
    context["ending_words"] = endings
    context["after"] = status_history.load_status_history(read_session(), case.id, notified=notified)
    context["step"] = _own_step(case, page, retry) if case.is_candidate else None
    return render_template("public/certificate/results.html", case=case, page=page, say=grants, again=again, **context)


def _linkedin_addresses(signed: Mapping[str, credentials.SignedCertificate]) -> dict[str, str]:
    """Map the certificates that are signed for the tools of strangers to the address of LinkedIn’s form."""
    return {
        number: linkedin_address(number, paper.text, base_url() + url_for(".public", number=number))
        for number, paper in signed.items()
        if paper.has_credential
    }


# Where the next step of a candidate is done, and the words of its button.
_OWN_PAGES = {
    PathStep.RETURNED: ("candidate.submission.returned", "Voir ce qui est demandé"),
    **dict.fromkeys((PathStep.CONTINUE, PathStep.WRITE), ("candidate.dossier.home", "Continuer mon dossier")),
    **dict.fromkeys((PathStep.AGAIN, PathStep.RECORD), ("candidate.results.path", "Voir mon parcours")),
}


def _own_step(case: CandidacyAccess, page: queries.ResultsPageData, retry: str) -> dict[str, Any]:
    """Return the next step of the candidate in words, where it is done, whether a form does it."""
    step, last = page.step(has_dossier=case.has_dossier), page.last
    on, place = (last.heard_on, last.place) if last else (None, None)
    title, text = own_step_message(step, on, place, today(), "dossier" if case.has_dossier else "relevé")
    if step is PathStep.NOTIFY and page.letter:
        text = grants.letter_message(page.letter)
    before = {
        PathStep.SUSPENDED: suspension_message(last.suspension) if last and last.suspension else "",
        PathStep.OBTAINED: grants.held_for_message(page.explanation),
        PathStep.AGAIN: retry,
    }.get(step, "")
    if step is PathStep.RETURNED and last:
        title = f"{title} avant le {date_fr(last.complete_by)}"
    endpoint, label = _OWN_PAGES.get(step, ("", ""))
    href = url_for(endpoint, candidacy_id=case.id) if endpoint else None
    text = f"{before} {text}".strip()
    over = jury_over(on, today()) if step is PathStep.HEAR and on else None
    step_card = {"title": title, "text": text, "href": href, "label": label, "over": over}
    return step_card | {"prepares": step is PathStep.PREPARE}


@bp.get("/certificats/<number>")
@public_page
def public(number: str) -> ResponseReturnValue:
    """Show to anyone what a certificate certifies, and nothing more."""
    meant = read_number(number)
    found = find_public_certificate(read_session(), meant) if meant else None
    if found is None:
        return render_template(
            "public/certificate/unknown.html", number=number[:40], form=NumberForm(formdata=None)
        ), 404
    if found.number != number:
        return redirect(url_for(".public", number=found.number), 303)
    return _shown(found)


def _shown(found: "PublicCertificate", shared: str = "") -> Response:
    """Return the page of a certificate, or its digital form to a program that asks for it; `shared`: by which link."""
    wanted = request.accept_mimetypes.best_match(["text/html", *_CREDENTIAL_TYPES], default="text/html")
    if wanted in _CREDENTIAL_TYPES and found.has_credential:
        answer = _sent_credential(found.number, "json")
    else:
        told: dict[str, Any] = {"found": found, "labels": found.labels, "say": grants, "today": today(), "at": now()}
        told |= {"site": base_url(), "register": register_address(found.labels["certification"]["code"])}
        answer = Response(render_template("public/certificate/public.html", shared=shared, **told))
    answer.vary.add("Accept")
    return answer


@bp.post("/dossiers/<uuid:candidacy_id>/certificats/<certificate_number>/partage")
@candidacy_page(Permission.SHARE_CERTIFICATE)
def share(case: CandidacyAccess, certificate_number: str) -> ResponseReturnValue:
    """Open a link by which the holder shows a certificate, or withdraw it."""
    find_own_certificate(case, certificate_number)
    act = credentials.withdraw_share if request.form.get("stop") else credentials.share
    close_read_session()
    with transaction() as db:
        act(db, certificate_number, by=case.candidate_id, at=now())
    return redirect(url_for(".results", candidacy_id=case.id), 303)


@bp.get("/partage/<token>")
@public_page
def shared(token: str) -> ResponseReturnValue:
    """Show the certificate of a link that its holder gave; a link withdrawn answers as an unknown one."""
    number = credentials.find_shared_number(read_session(), token)
    found = find_public_certificate(read_session(), number) if number else None
    if found is None:
        return render_template("public/certificate/unknown_link.html", form=NumberForm(formdata=None)), 404
    return _shown(found, token)


@bp.get("/partage/<token>/apercu.png")
@public_page
def preview(token: str) -> ResponseReturnValue:
    """Draw the picture that a social network or a mail shows beside a link that is open."""
    number = credentials.find_shared_number(read_session(), token) or abort(404)
    found = find_public_certificate(read_session(), number)
    assert found is not None
    return Response(preview_picture(number, found.labels), mimetype="image/png")


_CREDENTIAL_TYPES = ("application/json", "application/ld+json", "application/vc")
_KINDS = {"json": "application/vc", "jwt": "application/vc+jwt", "png": "image/png", "svg": "image/svg+xml"}


@bp.get("/certificats/<number>/certificat-numerique.<any(json, jwt, png, svg):kind>")
@public_page
def credential(number: str, kind: str) -> ResponseReturnValue:
    """Send a digital certificate, alone or in a picture that carries it; 404 before it is signed and notified."""
    found = find_public_certificate(read_session(), number)
    if found is None or not found.has_credential:
        abort(404)
    answer = _sent_credential(number, kind)
    answer.headers.update(attachment_headers(f"certificat-{number}.{kind}", _KINDS[kind]))
    return answer


def _sent_credential(number: str, kind: str) -> Response:
    kept = load_credential(read_session(), number)
    assert kept is not None
    texts = {"json": kept.document, "jwt": kept.token}
    content = texts[kind] if kind in texts else credential_picture(number, kept, kind)
    return Response(content, content_type=_KINDS[kind])


@bp.get("/certificats/<number>/code.svg")
@public_page
def qr_code(number: str) -> ResponseReturnValue:
    """Draw the QR code that leads to the public page of a certificate."""
    if find_public_certificate(read_session(), number) is None:
        abort(404)
    address = base_url() + url_for(".public", number=number)
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", scale=4, border=4, dark="#000", light="#fff", xmldecl=False, svgclass=None, lineclass=None
    )
    return Response(drawn.getvalue(), mimetype="image/svg+xml")


class CredentialFileForm(Form):
    """A certificate that somebody was given: its sealed PDF, its proof, a JSON, a JWT, or a picture with one inside."""

    file = FileField(
        "Le fichier",
        validators=[FileRequired("Choisissez le fichier du certificat.")],
        render_kw={"accept": ".pdf,.zip,.json,.jsonld,.jwt,.png,.svg,.txt"},
    )

    def validate_file(self, _field: Any) -> None:
        """Refuse what is too large to be a certificate."""
        self.content = self.file.data.read(MOST_BYTES + 1)
        if len(self.content) > MOST_BYTES:
            raise ValidationError("Ce fichier est trop lourd pour un certificat\u00a0: quatre mégaoctets au plus.")


@bp.get("/verifier")
@public_page
def verify() -> ResponseReturnValue:
    """Ask for a number, and lead to its page."""
    form = NumberForm(request.args if "numero" in request.args else None)
    if "numero" not in request.args:
        return render_template("public/certificate/verify.html", form=form)
    if not form.validate():
        return render_template("public/certificate/verify.html", form=form), 422
    return redirect(url_for(".public", number=form.number), 303)


@bp.get("/verifier/fichier")
@public_page
def file_form() -> ResponseReturnValue:
    """Ask for the file of a certificate."""
    mark_link_opened()  # who opened this page may send a picture, larger than what is taken from a stranger
    return render_template("public/certificate/verify_file.html", form=CredentialFileForm(formdata=None))


@bp.post("/verifier/fichier")
@accepts_file(lambda _settings: MOST_BYTES)
@public_page
def verify_file() -> ResponseReturnValue:
    """Say of a file whether it is a certificate as it was given here, and where it stands; nothing is fetched."""
    form = CredentialFileForm()
    if not form.validate():
        return render_template("public/certificate/verify_file.html", form=form), 422
    checked = check_file(read_session(), form.content)
    found = find_public_certificate(read_session(), checked.number) if checked.number else None
    said = grants.file_verdict(checked, _verdict_of(found) if found else None)
    return render_template("public/certificate/verify_file.html", form=form, said=said, found=found)


@dataclass(frozen=True, slots=True)
class PublicCertificate:
    """A certificate as it was issued, and where it stands today: `labels` are the words of `printed_text`,
    unchanged since, but without the birth of the holder, which is for their paper only. `blocks` are those of
    a whole, each with its act.

    `recorded` is the head of the ledger that its paper prints, `latest` the one that ends the ledger now.
    """

    number: str
    labels: Mapping[str, Any]
    issued_at: datetime
    standing: CertificateStatus
    signed_at: datetime | None = None
    # Whether the letter of the result gave it to its holder.
    is_notified: bool = True
    blocks: tuple[AwardBlock, ...] = ()
    recorded: Checkpoint | None = None
    latest: Checkpoint | None = None
    is_signed_for_tools: bool = False
    seal: CertificateSeal | None = None

    @property
    def has_credential(self) -> bool:
        """Return whether it is given as a digital certificate: a project, or a result not notified, is not."""
        return self.is_signed_for_tools and self.signed_at is not None and self.is_notified

    @property
    def is_whole(self) -> bool:
        """Return whether it certifies the whole certification; otherwise one block and only it."""
        return bool(self.labels["subject"] == "whole")

    @property
    def delivered_on(self) -> date:
        """Return the day of the decision that gave it."""
        return date.fromisoformat(self.labels["delivered_on"])


def find_public_certificate(session: Session, number: str) -> PublicCertificate | None:
    """Find a certificate by its exact number, in a few queries; None when no certificate has it."""
    # Its grant or award is read beside it: what follows asks the session for it again and again.
    row = session.execute(
        select(Certificate, CertificateSignature.signed_at)
        .outerjoin(CertificateSignature, CertificateSignature.certificate_id == Certificate.id)
        .where(Certificate.number == number)
        .options(joinedload(Certificate.grant), joinedload(Certificate.award))
    ).first()
    if row is None:
        return None
    found, signed_at = row
    return PublicCertificate(
        number=found.number,
        labels={name: value for name, value in found.printed_text.items() if name != "birth"},
        issued_at=found.issued_at,
        standing=load_certificate_status(session, found),
        signed_at=signed_at,
        is_notified=certificate_is_notified(session, found.grant_id, found.award_id),
        blocks=list_award_blocks(session, found),
        recorded=checkpoint_covering(session, "certificate", found.id),
        latest=latest_checkpoint(session),
        is_signed_for_tools=load_credential(session, number) is not None,
        seal=find_seal(session, number),
    )


def find_own_certificate(case: CandidacyAccess, number: str) -> PublicCertificate:
    """Return a certificate that a candidate holds and has been told of; 404 for any other."""
    access = find_certificate_access(read_session(), number, case.candidate_id)
    is_theirs = access is not None and access.candidate_id == case.candidate_id
    if not is_theirs or not holder_may_read(read_session(), number):
        abort(404)
    return find_public_certificate(read_session(), number) or abort(404)


def _verdict_of(found: PublicCertificate) -> tuple[str, str, str]:
    signed = found.signed_at is not None
    return grants.public_verdict(found.standing, found.labels, today(), is_signed=signed, is_notified=found.is_notified)
