"""Numbers in addresses."""

from __future__ import annotations

from typing import Any

from werkzeug.routing import IntegerConverter, Map

# The largest number that a column of both stores holds.
MAX_DATABASE_INT = 2**31 - 1


class BoundedIntConverter(IntegerConverter):
    """A number in an address; one that no row can have is the address of nothing, not a fault of the
    store.
    """

    def __init__(self, map: Map, **more: Any) -> None:
        """Bound what is read, unless the route bounds it more."""
        super().__init__(map, **{"max": MAX_DATABASE_INT, **more})
