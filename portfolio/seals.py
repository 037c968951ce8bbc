"""The seal of the body on its certificates: PAdES B-T, or B-B without a time-stamping authority.

What a file carries is attached before the seal, which forbids every later change (DocMDP).
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portfolio.time_stamps import TimeStampError, ask

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.timestamps import TimeStamper

_FIELD = "Cachet"
_FIELD_LABEL = "Cachet électronique de l’organisme"
# What a certificate of seal is made for: to commit its body, not to encrypt.
KEY_USAGE = "non_repudiation"


class SealError(Exception):
    """The certificate of seal cannot be used; the argument says why, for `flask doctor`."""


@dataclass(frozen=True)
class Attachment:
    """A file that a document carries."""

    name: str
    kind: str
    description: str
    content: bytes


@dataclass(frozen=True)
class Seal:
    """The certificate by which a body seals: whom it names, and when it ends."""

    name: str
    until: datetime
    signer: Any


def load_seal(path: Path | None, password_file: Path | None) -> Seal | None:
    """Read the certificate of seal, a PKCS#12 file; None without one. Raise SealError when it cannot be used."""
    if path is None:
        return None
    from pyhanko.sign.signers import SimpleSigner

    try:
        password = password_file.read_text("utf-8").strip("\r\n").encode() if password_file else None
        signer = SimpleSigner.load_pkcs12_data(path.read_bytes(), other_certs=[], passphrase=password)
    except (OSError, ValueError, TypeError) as error:
        raise SealError(type(error).__name__) from error
    if signer is None or signer.signing_cert is None:
        raise SealError("PKCS#12")
    certificate = signer.signing_cert
    if certificate.key_usage_value is None or KEY_USAGE not in certificate.key_usage_value.native:
        raise SealError("nonRepudiation")
    named = certificate.subject.native
    name = str(named.get("organization_name") or named.get("common_name") or certificate.subject.human_friendly)
    return Seal(name[:300], certificate.not_valid_after.astimezone(UTC), signer)


def seal_pdf(pdf: bytes, attachments: Sequence[Attachment], seal: Seal, *, at: datetime, tsa_url: str = "") -> bytes:
    """Return a PDF/A-3 with its attachments and the seal, behind the bytes of the document, which stay as they were.

    Raise SealError when the authority of `tsa_url` gives no time-stamp.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    class Writer(IncrementalPdfFileWriter):
        # A key on an elliptic curve, or a relationship, would make the file say « PDF 2.0 », which PDF/A-3 is not.
        def ensure_output_version(self, version: tuple[int, int]) -> None:
            pass

    writer = Writer(BytesIO(pdf))
    for attachment in attachments:
        _attach(writer, attachment, at)
    # Out of the page and without appearance: PDF/UA asks for no tag, and PDF/A for no font.
    unseen = InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=True)
    field = SigFieldSpec(_FIELD, invis_sig_settings=unseen, readable_field_name=_FIELD_LABEL)
    told = PdfSignatureMetadata(
        field_name=_FIELD,
        md_algorithm="sha256",
        name=seal.name,
        reason="Cacheté par l’organisme certificateur",
        certify=True,
        subfilter=SigSeedSubFilter.PADES,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    signer = PdfSigner(told, signer=seal.signer, timestamper=_time_stamper(tsa_url), new_field_spec=field)
    written = BytesIO()
    try:
        # In a thread of its own: the caller may have a loop that runs.
        with ThreadPoolExecutor(1) as apart:
            apart.submit(lambda: asyncio.run(signer.async_sign_pdf(writer, output=written))).result()
    except (TimeStampError, OSError) as error:
        raise SealError(str(error)) from error
    return written.getvalue()


def _attach(writer: "IncrementalPdfFileWriter", attachment: Attachment, at: datetime) -> None:
    """Attach a file as PDF/A-3 wants it: its kind, its date, what it is to the document."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.embed import EmbeddedFileObject, EmbeddedFileParams, FileSpec, embed_file

    params = EmbeddedFileParams(creation_date=at, modification_date=at)
    content = EmbeddedFileObject.from_file_data(writer, attachment.content, params=params, mime_type=attachment.kind)
    embed_file(
        writer,
        FileSpec(
            attachment.name,
            file_name=attachment.name,
            embedded_data=content,
            description=attachment.description,
            af_relationship=generic.pdf_name("/Data"),
        ),
    )


def _time_stamper(url: str) -> "TimeStamper | None":
    if not url:
        return None
    from asn1crypto.tsp import TimeStampResp
    from pyhanko.sign.timestamps import TimeStamper

    class Asked(TimeStamper):
        async def async_request_tsa_response(self, req: Any) -> Any:
            return TimeStampResp.load(ask(url, req.dump()))

    stamper: TimeStamper = Asked()  # type: ignore[no-untyped-call]
    return stamper
