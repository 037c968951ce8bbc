"""Certificates closed by the seal of the body: valid for strangers' tools, given as they were sealed, for ever."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pikepdf
import pytest
from sqlalchemy import select

from config import Config
from portfolio import create_app
from portfolio.db.engine import Database
from portfolio.documents.certificate import block_certificate_pdf, parchment_pdf
from portfolio.domain.holdings.models.grants import Certificate, CertificateSeal, CertificateSignature
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.ledger.recording import append
from portfolio.run.maintenance import seal_certificates, sign_credentials
from portfolio.seals import Attachment, Seal, SealError, load_seal, seal_pdf
from portfolio.web.clock import now
from tests import factories
from tests.applications import close_app
from tests.authority import Authority
from tests.documents import samples
from tests.holdings.closings import hearing, minutes, sealed
from tests.holdings.status_changes import later
from tests.page import CheckedClient, Page
from tests.thoroughness import EXHAUSTIVE

FILES = (
    Attachment("certificat.json", "application/json", "Certificat numérique", b'{"a":"b"}'),
    Attachment("preuve.zip", "application/zip", "Dossier de preuve", b"PK\x05\x06" + bytes(18)),
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def seal(authority: Authority) -> Seal:
    found = load_seal(*authority.seal_files())
    assert found is not None
    return found


def pdfsig(path: Path) -> str:
    """Return what poppler says of the signatures of a file."""
    program = shutil.which("pdfsig")
    if program is None:
        pytest.skip("poppler-utils is not installed")
    return subprocess.run([program, "-nocert", path], capture_output=True, text=True, check=False).stdout


def assert_is_archival(content: bytes) -> None:
    """Check what can be read of PDF/A-3 and PDF/UA in a sealed file."""
    with pikepdf.open(BytesIO(content)) as pdf:
        assert not pdf.check_pdf_syntax()
        told = pdf.open_metadata()
        assert told.pdfa_status == "3B"
        assert told["pdfuaid:part"] == "1"
        root = pdf.Root
        assert pdf.pdf_version == "1.7"
        assert "/Version" not in root
        assert {"/OutputIntents", "/StructTreeRoot", "/MarkInfo", "/Lang"} <= set(root.keys())
        assert len(root.AF) == len(FILES)
        for file in root.AF:
            assert file.AFRelationship == "/Data"
            assert {"/F", "/UF", "/Desc", "/EF"} <= set(file.keys())
            assert {"/Subtype"} <= set(file.EF.F.keys())
            assert "/ModDate" in file.EF.F.Params
        seal = next(one for one in pdf.pages[0].Annots if one.Subtype == "/Widget")
        assert "/AP" not in seal
        assert int(seal.F) & 0b100
        assert float(seal.Rect[0]) < 0
        assert pdf.pages[0].Tabs == "/S"
        assert root.Perms.DocMDP.Reference[0].TransformParams.P == 1
        for page in pdf.pages:
            assert "/AA" not in page
            for font in page.Resources.get("/Font", {}).values():
                described = font.get("/DescendantFonts", [font])[0].FontDescriptor
                assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(described.keys())
    assert not any(word in content for word in (b"/JavaScript", b"/Launch", b"/Encrypt"))


PAPERS = 20 if EXHAUSTIVE else 4


@pytest.mark.slow
def test_sealed_papers_are_valid_for_strangers_tools_and_stay_archival(
    authority: Authority, seal: Seal, tmp_path: Path
) -> None:
    with authority.stamping() as url:
        for number in range(PAPERS):
            name = f"Titulaire n° {number}"
            paper = (
                parchment_pdf(samples.parchment(holder=name))
                if number % 2
                else block_certificate_pdf(samples.certificate(holder=name))
            )
            content = seal_pdf(paper, FILES, seal, at=factories.AT, tsa_url=url)
            assert content.startswith(paper)
            assert_is_archival(content)
            path = tmp_path / f"{number}.pdf"
            path.write_bytes(content)
            said = pdfsig(path)
            assert "Signature is Valid" in said
            assert "Total document signed" in said
            assert "ETSI.CAdES.detached" in said
            if qpdf := shutil.which("qpdf"):
                subprocess.run([qpdf, "--check", path], check=True, capture_output=True)
            place = paper.index(b"stream") + 40 + number
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            assert "Signature is Valid" not in pdfsig(path)


def test_without_an_authority_the_seal_has_no_outside_time(seal: Seal) -> None:
    content = seal_pdf(block_certificate_pdf(samples.certificate()), FILES, seal, at=factories.AT)
    assert_is_archival(content)


def test_a_certificate_of_seal_that_cannot_be_used_is_told(authority: Authority, seal: Seal, tmp_path: Path) -> None:
    store, password = authority.seal_files("autre", usages=("digital_signature",))
    with pytest.raises(SealError, match="nonRepudiation"):
        load_seal(store, password)
    (tmp_path / "faux.txt").write_text("faux")
    for paths in ((tmp_path / "absent.p12", password), (store, tmp_path / "faux.txt"), (password, password)):
        with pytest.raises(SealError):
            load_seal(*paths)
    assert load_seal(None, None) is None
    with pytest.raises(SealError):
        seal_pdf(block_certificate_pdf(samples.certificate()), (), seal, at=factories.AT, tsa_url="http://127.0.0.1:9/")


@dataclass
class Installation:
    """An installation with a certificate of seal, and a candidate whose four blocks are granted and signed."""

    client: CheckedClient
    config: Config
    world: factories.World

    @property
    def db(self) -> Database:
        found: Database = self.client.application.extensions["database"]
        return found

    def seal(self, **more: object) -> int:
        extensions = self.client.application.extensions
        return seal_certificates(self.db, extensions["files"], extensions["keys"], self.config, now(), **more)  # type: ignore[arg-type]

    def seals(self) -> list[CertificateSeal]:
        with self.db.reader() as session:
            return list(session.scalars(select(CertificateSeal).order_by(CertificateSeal.sequence)))

    def paper(self, number: str) -> bytes:
        return self.client.get(f"/certificats/{number}/certificat.pdf").data


@pytest.fixture
def installed(config: Config, authority: Authority) -> Iterator[Installation]:
    store, password = authority.seal_files("first", days=80)
    settings = config.with_changes(seal_file=store, seal_password_file=password)
    application = create_app(settings)
    application.test_client_class = CheckedClient
    found = Installation(application.test_client(), settings, factories.begin_world(application.extensions["database"]))
    with found.db.transaction() as session:
        closed = minutes(session, hearing(session, sealed(session, found.world)), found.world.version.blocks)
        grant_from_minutes(session, closed.id, by=found.world.certifier.id, at=factories.AT)
        signed = [
            CertificateSignature(
                certificate_id=row.id, person_id=found.world.certifier.id, name="Claire Vasseur",
                quality="Directrice", legal_name="Organisme", city="Lyon", signed_at=factories.AT,
            )
            for row in session.scalars(select(Certificate))
        ]  # fmt: skip
        session.add_all(signed)
        append(session, signed, at=factories.AT)
    sign_credentials(found.db, settings, now())
    found.client.log_in(found.world.certifier.email, factories.PASSWORD)
    yield found
    close_app(application)


@pytest.mark.records("certificate_sealed")
def test_the_ledger_holds_the_digest_of_what_is_downloaded_for_ever(installed: Installation) -> None:
    assert installed.seal() == 5
    assert installed.seal() == 0
    with installed.db.reader() as session:
        rows = {row.certificate.number: row for row in session.scalars(select(CertificateSeal))}
        recorded = set(session.scalars(select(LedgerEntry.row_id).where(LedgerEntry.record_type == "certificate_seal")))
    assert {row.id for row in rows.values()} == recorded
    for number, row in rows.items():
        served = installed.paper(number)
        assert hashlib.sha256(served).hexdigest() == row.file_sha256
        with pikepdf.open(BytesIO(served)) as pdf:
            carried = {name: file.get_file().read_bytes() for name, file in pdf.attachments.items()}
        assert json.loads(carried["certificat.json"])["id"].endswith(number)
        with ZipFile(BytesIO(carried[f"preuve-{number}.zip"])) as proof:
            assert {"certificat.json", "cles.json", "certificate_check.py"} <= set(proof.namelist())
    page = installed.client.page(f"/certificats/{number}")
    assert "cacheté par l’organisme" in page.text


def told_of(client: CheckedClient, content: bytes) -> str:
    """Return what the page that checks files says of one."""
    sent = {"file": (BytesIO(content), "certificat.pdf")}
    answer = client.send("/verifier/fichier", sent, form="/verifier/fichier")
    assert answer.status_code == 200
    return Page(answer.text).text


def test_a_sealed_paper_that_is_dropped_is_told_by_its_bytes(installed: Installation) -> None:
    assert installed.seal() == 5
    with installed.db.reader() as session:
        papers = {number: installed.paper(number) for number in session.scalars(select(Certificate.number))}
    number, other = list(papers)[:2]
    said = told_of(installed.client, papers[number])
    assert "Ce PDF est celui que l’organisme a cacheté" in said
    assert number in said
    middle = len(papers[number]) // 2
    one_byte = papers[number][:middle] + bytes([papers[number][middle] ^ 1]) + papers[number][middle + 1 :]
    for changed in (one_byte, papers[number] + b"\n"):
        assert "Ce PDF ne prouve rien par lui-même" in told_of(installed.client, changed)
    bundle = installed.client.get(f"/certificats/{number}/dossier-de-preuve.zip").data
    with ZipFile(BytesIO(bundle)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files["certificat.pdf"] == papers[number]
    assert "Le certificat de ce dossier de preuve est celui qui a été délivré" in told_of(installed.client, bundle)
    for paper in (papers[other], one_byte):
        written = BytesIO()
        with ZipFile(written, "w") as archive:
            for name, content in (files | {"certificat.pdf": paper}).items():
                archive.writestr(name, content)
        assert "Ce fichier a été modifié" in told_of(installed.client, written.getvalue())


@pytest.mark.slow
def test_a_certificate_that_stands_no_more_says_so_and_is_not_sealed(installed: Installation) -> None:
    world = installed.world
    later(installed.db, StatusChangeKind.WITHDRAWAL, world.candidate.id, world.version.blocks[1], world.certifier.id)
    assert 0 < installed.seal() < 5


def test_papers_are_sealed_again_before_the_end_and_the_first_files_are_kept(
    installed: Installation, authority: Authority
) -> None:
    assert installed.seal() == 5
    soon = now() + timedelta(days=90)
    assert installed.seal(again_before=soon) == 0, "the certificate of seal in use ends no later"
    store, password = authority.seal_files("second", days=900)
    installed.config = installed.config.with_changes(seal_file=store, seal_password_file=password)
    assert installed.seal(again_before=soon) == 5
    assert installed.seal(again_before=soon) == 0
    seals = installed.seals()
    assert [row.sequence for row in seals] == [1] * 5 + [2] * 5
    files = installed.client.application.extensions["files"]
    for row in seals:
        with files.open(row.file_key) as kept:
            assert hashlib.sha256(kept.read()).hexdigest() == row.file_sha256
    with installed.db.reader() as session:
        number = session.get_one(Certificate, seals[-1].certificate_id).number
    assert hashlib.sha256(installed.paper(number)).hexdigest() == seals[-1].file_sha256


def test_without_a_certificate_of_seal_none_is_made_and_the_page_says_so(installed: Installation) -> None:
    installed.config = installed.config.with_changes(seal_file=None)
    assert installed.seal() == 0
    with installed.db.reader() as session:
        number = session.scalars(select(Certificate.number)).first()
    assert "le PDF n’est pas cacheté" in installed.client.page(f"/certificats/{number}").text
