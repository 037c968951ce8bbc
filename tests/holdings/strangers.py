"""Verifiers that strangers use, offline: openbadgeslib in Python; @digitalbazaar/vc and jose on Node."""

import fcntl
import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier

from portfolio.verifiable_credentials import CONTEXTS, _context

HERE = Path(__file__).parent / "verifiers"
# What a site publishes, by address.
Site = Mapping[str, bytes]


def fetch_from(site: Site) -> Callable[[str], bytes]:
    """Return how a verifier reads a site that is in memory; anything else is away."""

    def fetch(url: str, *_: object, **__: object) -> bytes:
        if url not in site:
            raise OB3VerificationError(f"{url} is away")
        return site[url]

    return fetch


def badges_refusal_of_document(text: str, site: Site) -> str:
    """Return what openbadgeslib finds wrong with a credential that carries its proof; nothing when it accepts it."""
    try:
        OB3LdpVerifier().verify(text, download=fetch_from(site))
    except (OB3VerificationError, ValueError, KeyError, TypeError) as error:
        return str(error) or type(error).__name__
    return ""


def badges_refusal_of_token(token: str, did: str, site: Site, *, status: bool = True) -> str:
    """Return what openbadgeslib finds wrong with a JWT, its status asked too; nothing when it accepts it."""
    try:
        verifier = OB3Verifier.for_issuer_did(did, download=fetch_from(site))
        verifier.verify(token, check_status=status, download=fetch_from(site))
    except (OB3VerificationError, ValueError, KeyError, TypeError) as error:
        return str(error) or type(error).__name__
    return ""


def node_modules() -> Path | None:
    """Install the verifiers of Node once for this lock file, and return where; None without Node."""
    if not (shutil.which("node") and shutil.which("npm")):
        return None
    lock = (HERE / "package-lock.json").read_bytes()
    folder = Path(tempfile.gettempdir()) / f"acquis-verifiers-{hashlib.sha256(lock).hexdigest()[:16]}"
    folder.mkdir(exist_ok=True)
    with (folder / "installing").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # several processes of tests may come at once
        if not (folder / "installed").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder)
            words = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            if subprocess.run(words, cwd=folder, check=False, capture_output=True).returncode:
                return None
            (folder / "installed").touch()
    return folder


def node_verdicts(
    folder: Path, did: Mapping[str, Any], cases: Sequence[tuple[str, str]], lists: Site, at: str = ""
) -> dict[str, Any]:
    """Return what Node's verifiers say of each (« document » or « token », text), and every address they asked for."""
    documents = {url: _context(url) for url in CONTEXTS} | {url: json.loads(text) for url, text in lists.items()}
    asked = {
        "documents": documents,
        "did": did,
        "cases": [{"kind": kind, "text": text} for kind, text in cases],
        "at": at,
    }
    shutil.copy(HERE / "verify.js", folder)
    ran = subprocess.run(
        ["node", "verify.js"], cwd=folder, input=json.dumps(asked).encode(), capture_output=True, check=True
    )
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer
