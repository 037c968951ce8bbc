"""The list of the pieces of a dossier of ten, and of one of a thousand."""

from collections.abc import Iterator

from benchmarks.measure import Line, both, count_queries, get, ms, times
from benchmarks.scene import Size, scene

FEW, MANY = Size(11, 10), Size(11, 1000)
RATIO = 1.3


def measure() -> Iterator[Line]:
    """The time of processor of both lists, and their queries."""
    with scene([FEW, MANY]) as made:
        asks = []
        for dossier in made.dossiers.values():
            path = f"/dossiers/{dossier.candidacy_id}/preuves"
            cookie = made.browser_cookie(dossier.token, path)
            asks.append(lambda path=path, cookie=cookie: get(made.app, path, cookie))
        few, many = (count_queries(made.database.engine, ask) for ask in asks)
        reference, subject = both(*asks, 200)
    yield Line(f"bibliothèque {MANY}, requêtes", str(few), str(many), "", "autant", few == many)
    label = f"bibliothèque {MANY}, à côté de {FEW}"
    ratio = subject / reference
    yield Line(
        label,
        ms(reference),
        ms(subject),
        times(subject, reference, 2),
        f"≤ {RATIO} ×".replace(".", ","),
        ratio <= RATIO,
    )
