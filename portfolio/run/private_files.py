"""Only the account that runs the product reads its files: a data folder may have been made for everybody."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

PRIVATE_UMASK = 0o077
# What the product makes at the top of its data folder; other files that lie there are not its own.
_OWN = ("acquis.*", "queue.db*", "*.key", "ledger.jwks.json", "files", "incoming", "heads", "pages")


def restrict_umask(data: Path) -> None:
    """Have this process make files that only its account reads, and take the rights of others from those made
    before.
    """
    os.umask(PRIVATE_UMASK)
    for pattern in _OWN:
        for path in data.glob(pattern):
            with suppress(OSError):  # gone meanwhile, or of another account: its owner decides
                path.chmod(path.stat().st_mode & ~PRIVATE_UMASK)
