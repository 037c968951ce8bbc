"""Limit concurrent heavy uploads and downloads per person or link."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from portfolio.domain.evidence.rules.quota import UploadRefusal
from portfolio.errors import Refusal

# Of one sender, in this process: less than half of its threads. Two clicks are two.
AT_ONCE = 3
_lock = threading.Lock()
_looked_at = Counter[Hashable]()


@contextmanager
def limit_concurrency(sender: Hashable) -> Iterator[None]:
    """Take one of the turns of a sender while a form of theirs is looked at; raises Refusal: AT_ONCE when all
    are taken.
    """
    with _lock:
        if _looked_at[sender] >= AT_ONCE:
            raise Refusal(UploadRefusal.AT_ONCE)
        _looked_at[sender] += 1
    try:
        yield
    finally:
        with _lock:
            _looked_at[sender] -= 1
            if not _looked_at[sender]:
                del _looked_at[sender]
