"""The page of the matrix beside a bare page, in time and in queries, at three sizes."""

from collections.abc import Iterator

from benchmarks.bare import bare_app
from benchmarks.measure import Line, both, count_queries, get, ms, times
from benchmarks.scene import Scene, Size, scene

USUAL, LARGE, HUGE = Size(11, 40), Size(110, 1000), Size(1100, 1000)
RATIOS, QUERIES = {USUAL: 3, LARGE: 8}, 7


def measure() -> Iterator[Line]:
    """Each size: its queries, its time."""
    with scene([USUAL, LARGE, HUGE]) as made:
        for size in made.dossiers:
            yield from _measured(made, size)


def _measured(made: Scene, size: Size) -> Iterator[Line]:
    dossier, app = made.dossiers[size], made.app
    path = f"/dossiers/{dossier.candidacy_id}"
    bare = bare_app(made.database, app.config["SECRET_KEY"], app.config["SESSION_COOKIE_NAME"])
    cookie = made.browser_cookie(dossier.token, path)
    count = count_queries(made.database.engine, lambda: get(app, path, cookie))
    reference, subject = both(
        lambda: get(bare, "/", cookie), lambda: get(app, path, cookie), 200 if size == USUAL else 40
    )
    yield Line(f"matrice {size}, requêtes", "", str(count), "", f"≤ {QUERIES}", count <= QUERIES)
    target, met = "", None
    if (most := RATIOS.get(size)) is not None:
        target, met = f"≤ {most} × une page nue", subject <= most * reference
    yield Line(f"matrice {size}, temps", ms(reference), ms(subject), times(subject, reference), target, met)
