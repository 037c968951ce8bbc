"""Four processes that work at the same time, forked from one process that has loaded the product once."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.pool import Pool

USERS = ("tests.account.test_throttle", "tests.account.test_second_factor")
# Relationships name tables of every room: a process maps them all, as the product does.
PRELOADED = ("portfolio.all_models", *USERS)


@contextmanager
def four_processes() -> Iterator[Pool]:
    """Four processes that share nothing with this one; what they run is in a module of USERS."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    with context.Pool(4) as pool:
        yield pool
