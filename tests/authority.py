"""An authority of the tests: certificates of seal and a time-stamping server on loopback, answered by `openssl ts`."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SEALING = ("digital_signature", "content_commitment")
PASSWORD = "mot de passe du cachet"
_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


class Authority:
    """A root that certifies seals and time-stamps, in a folder."""

    def __init__(self, folder: Path, name: str = "Autorité d’essai") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.root = self._certified(self.name, self.key, ("key_cert_sign", "crl_sign"), authority=True)
        self.root_file = folder / "root.pem"
        self.root_file.write_bytes(self.root.public_bytes(Encoding.PEM))

    def _certified(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        usages: tuple[str, ...],
        *,
        authority: bool = False,
        stamps: bool = False,
        days: int = 3650,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        built = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=2))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**{one: one in usages for one in _USAGES}), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if stamps:
            built = built.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        return built.sign(self.key, hashes.SHA256())

    def seal_files(
        self, name: str = "cachet", *, days: int = 700, usages: tuple[str, ...] = SEALING
    ) -> tuple[Path, Path]:
        """Write a certificate of seal and its password; return both files."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Organisme d’essai"),
                x509.NameAttribute(NameOID.COMMON_NAME, "Cachet de l’organisme d’essai"),
            ]
        )
        certificate = self._certified(subject, key, usages, days=days)
        store, password = self.folder / f"{name}.p12", self.folder / f"{name}.txt"
        encryption = BestAvailableEncryption(PASSWORD.encode())
        store.write_bytes(pkcs12.serialize_key_and_certificates(b"cachet", key, certificate, [self.root], encryption))
        password.write_text(f"{PASSWORD}\n", "utf-8")
        return store, password

    @contextmanager
    def stamping(self) -> Iterator[str]:
        """Serve time-stamps on loopback, made by `openssl ts`; give the address."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Horodatage d’essai")])
        certificate = self._certified(subject, key, ("digital_signature",), stamps=True)
        (self.folder / "tsa.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        (self.folder / "tsa.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        (self.folder / "serial").write_text("01\n")
        (self.folder / "tsa.cnf").write_text(_CONFIGURATION.format(folder=self.folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.folder))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


_CONFIGURATION = """[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ordering = no
ess_cert_id_alg = sha256
"""


def _handler(folder: Path) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Stamps(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = folder / "query.tsq"
            with lock:
                query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
                made = subprocess.run(
                    ["openssl", "ts", "-reply", "-config", folder / "tsa.cnf", "-queryfile", query],
                    capture_output=True,
                    check=False,
                )
            self.send_response(200 if made.stdout else 500)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(made.stdout)))
            self.end_headers()
            self.wfile.write(made.stdout)

        def log_message(self, *_words: object) -> None:
            pass

    return Stamps
