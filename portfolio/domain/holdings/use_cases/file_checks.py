"""Check a file that somebody was given as a certificate: its digital form, its sealed PDF, or its proof (ZIP)."""

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from joserfc.util import urlsafe_b64decode
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.holdings.models.grants import Certificate, CertificateSeal, VerifiableCredential
from portfolio.domain.holdings.rules.completion import read_number
from portfolio.domain.holdings.use_cases.credentials import load_credential
from portfolio.verifiable_credentials import carried_text

# Whoever holds a certificate is given a file smaller than this.
MOST_BYTES = 4 * 2**20
_PAPER, _FORMS = "certificat.pdf", ("certificat.json", "certificat.jwt")


class FileVerdict(StrEnum):
    """Answers about a file that somebody was given as a certificate."""

    OURS = "ours"
    ALTERED = "altered"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"
    # A PDF that is not, byte for byte, one that was sealed here.
    UNSEALED = "unsealed"


class FileKind(StrEnum):
    """Forms in which a certificate is given."""

    CREDENTIAL = "credential"
    PAPER = "paper"
    PROOF = "proof"


@dataclass(frozen=True, slots=True)
class FileCheck:
    """Answer about a file: the number of the certificate that it is, or who says that they issued it.

    `has_unproved_paper`: a proof holds a PDF, and no seal says that it is the one that was given.
    """

    verdict: FileVerdict
    number: str = ""
    issuer: str = ""
    kind: FileKind = FileKind.CREDENTIAL
    has_unproved_paper: bool = False


def check_file(session: Session, content: bytes) -> FileCheck:
    """Say whether a file is a certificate as it was given here, byte for byte; whoever issued it, nothing is fetched,
    and a PDF is not opened.
    """
    if content.startswith(b"PK"):
        return replace(_check_proof(session, content), kind=FileKind.PROOF)
    if b"%PDF-" in content[:1024]:
        number = _sealed_as(session, content)
        return FileCheck(FileVerdict.OURS if number else FileVerdict.UNSEALED, number, kind=FileKind.PAPER)
    return _check_credential(session, carried_text(content))


def _sealed_as(session: Session, content: bytes) -> str:
    """Return the number of the certificate that this PDF is, as it was sealed; empty for another file."""
    query = select(Certificate.number).join(CertificateSeal, CertificateSeal.certificate_id == Certificate.id)
    return session.scalars(query.where(CertificateSeal.file_sha256 == sha256(content).hexdigest())).first() or ""


def _check_proof(session: Session, content: bytes) -> FileCheck:
    """Check each form of the certificate that a ZIP holds: all are those that were given, of one certificate."""
    files = _files_of(content)
    checks = [_check_credential(session, carried_text(files[name])) for name in _FORMS if name in files]
    if not checks:
        return FileCheck(FileVerdict.UNREADABLE)
    worst = next((each for each in checks if each.verdict is not FileVerdict.OURS), checks[0])
    if worst.verdict is not FileVerdict.OURS or _PAPER not in files:
        return worst
    is_sealed = select(CertificateSeal.id).join(CertificateSeal.certificate).where(Certificate.number == worst.number)
    if len({each.number for each in checks}) > 1:
        return replace(worst, verdict=FileVerdict.ALTERED)
    if session.scalars(is_sealed.limit(1)).first() is None:
        return replace(worst, has_unproved_paper=True)
    is_its_paper = _sealed_as(session, files[_PAPER]) == worst.number
    return worst if is_its_paper else replace(worst, verdict=FileVerdict.ALTERED)


def _files_of(content: bytes) -> Mapping[str, bytes]:
    """Return the files of a ZIP that say which certificate it is, none of them unpacked beyond what is given."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            return dict(_unpacked(archive))
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError, zlib.error):
        return {}


def _unpacked(archive: ZipFile) -> Iterator[tuple[str, bytes]]:
    for name in sorted({_PAPER, *_FORMS}.intersection(archive.namelist())):
        with archive.open(name) as file:
            found = file.read(MOST_BYTES + 1)
        if len(found) > MOST_BYTES:
            raise BadZipFile
        yield name, found


def _check_credential(session: Session, text: str) -> FileCheck:
    """Say whether a text is a credential as it was signed here, letter for letter."""
    told = _told_by(text)
    if told is None:
        return FileCheck(FileVerdict.UNREADABLE)
    number = read_number(str(told.get("id", "")).rpartition("/")[2]) or ""
    kept = load_credential(session, number) if number else None
    if kept is not None and (text == kept.token or told == json.loads(kept.document)):
        return FileCheck(FileVerdict.OURS, number)
    issuer = told.get("issuer")
    profile: Mapping[str, Any] = issuer if isinstance(issuer, dict) else {"id": issuer}
    named = str(profile.get("id") or "")
    if kept is not None and named in _issuers_of(kept):
        return FileCheck(FileVerdict.ALTERED, number)
    name = profile.get("name")
    return FileCheck(FileVerdict.FOREIGN, issuer=", ".join(str(part)[:200] for part in (name, named) if part))


def _issuers_of(kept: VerifiableCredential) -> set[str]:
    told = (_told_by(text) for text in (kept.document, kept.token))
    return {one["issuer"]["id"] for one in told if one is not None}


def _told_by(text: str) -> dict[str, Any] | None:
    """Return what a credential says, whether it is a JSON or a JWT; None for anything else."""
    try:
        if not text.startswith("{"):
            text = urlsafe_b64decode(text.split(".")[1].encode("ascii")).decode()
        told = json.loads(text)
    except (ValueError, IndexError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    if "issuer" not in told and isinstance(told.get("vc"), dict):
        told = told["vc"]  # the form of the version before
    return told if "issuer" in told or "id" in told else None
