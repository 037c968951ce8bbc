"""The rules of the jury of a draft: typed on their screens, read back in words, settled route by route and
block by block.
"""

from dataclasses import replace

import pytest

from portfolio.db.engine import Database
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.entry import Route, RouteEntry
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.jury_rule import JuryCondition, JuryRule, JuryTerm, Seat, TermSource
from portfolio.domain.certification.rules.publication import SAMPLES, JurySample
from tests import factories
from tests.certification.answered import publish
from tests.certification.filling import FilledForm
from tests.page import CheckedClient

OTHER = "Le jury est composé d’enseignants et de professionnels."


class Made:
    """A draft of a certifier who is logged in."""

    def __init__(self, store: Database, client: CheckedClient, **changes: object) -> None:
        self.store = store
        with store.transaction() as session:
            body = factories.body(session)
            certifier = factories.certifier(session, body.id)
            version = factories.published_version(session, body.id)
            entry = replace(entry_from_json(version.entry), **changes)
            draft = CertificationVersion(
                certification_id=version.certification_id,
                number=2,
                entry=entry_as_json(entry),
                title=entry.title,
                level="7",
                imported_at=factories.AT,
            )
            session.add(draft)
            session.flush()
            self.id, self.by = draft.id, certifier.id
        client.log_in(certifier.email, factories.PASSWORD)

    def url(self, rest: str = "") -> str:
        return f"/certifications/versions/{self.id}/jury{rest}"

    @property
    def entry(self):
        with self.store.reader() as session:
            return session.get_one(CertificationVersion, self.id).to_entry()

    @property
    def revision(self) -> str:
        with self.store.reader() as session:
            return str(session.get_one(CertificationVersion, self.id).revision)


def typed(made: Made, **more: str) -> dict[str, str]:
    """A jury of seven, six professionals, four of one trade at most."""
    fields = {
        "revision": made.revision,
        "do": "save",
        "jury_size": "7",
        "seats-0-seat": "president",
        "seats-0-count": "1",
        "seats-1-seat": "member",
        "seats-1-count": "6",
        "professionals_min": "6",
        "trade_max": "4",
        "casting_vote": "y",
    }
    return {**fields, **more}


@pytest.fixture
def made(client: CheckedClient, store: Database) -> Made:
    return Made(store, client, jury=None)


def test_a_rule_is_typed_read_back_in_words_and_published(client: CheckedClient, made: Made, store: Database) -> None:
    page = client.page(made.url())
    assert "Donnez la règle commune du jury" in page.text
    assert client.send(made.url("/commune"), typed(made)).status_code == 303
    rule = made.entry.jury
    assert rule == SAMPLES[JurySample.PROFESSIONALS]
    assert {source for _term, source in rule.sources} == {TermSource.CERTIFIER}
    words = ["Le jury compte exactement 7 membres.", "6 sièges : membre du jury.", "6 membres au moins exercent un métier visé",
             "4 professionnels au plus exercent le même métier.", "Règle du certificateur"]  # fmt: skip
    for address in (made.url(), f"/certifications/versions/{made.id}/publier"):
        text = client.page(address).text
        assert all(word in text for word in words), address
    with store.transaction() as session:
        publish(session, made.id, by=made.by, at=factories.AT)
    text = client.page(f"/certifications/versions/{made.id}").text
    assert all(word in text for word in words)
    assert client.get(made.url()).status_code == 303


@pytest.mark.parametrize("sample", list(JurySample))
def test_a_usual_rule_is_proposed_and_saved_as_it_is_shown(
    client: CheckedClient, made: Made, sample: JurySample
) -> None:
    page = client.page(made.url(f"/commune?modele={sample}"))
    assert "rien n’est encore gardé" in page.text
    assert made.entry.jury is None


def test_lines_of_seats_are_added_and_removed_without_saving(client: CheckedClient, made: Made) -> None:
    more = client.send(made.url("/commune"), typed(made, do="add:seats"))
    assert (more.status_code, "Siège 3" in more.text) == (200, True)
    less = client.send(made.url("/commune"), typed(made, do="remove:seats-0"))
    assert (less.status_code, "Siège 2" in less.text) == (200, False)
    assert made.entry.jury is None


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"professionals_min": "six"}, "Écrivez un nombre entier, en chiffres."),
        ({"seats-1-count": "0"}, "Écrivez au moins 1, ou retirez ce siège."),
        ({"seats-1-seat": "", "seats-1-quality": "expert"}, "Choisissez le siège, ou effacez la ligne."),
        ({"external_min": "140"}, "Écrivez un pourcentage entre 0 et 100"),
        ({"trade": "Coiffure", "trade_max": ""}, "Donnez le nombre de professionnels de ce métier"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_typed_is_lost(client, made: Made, fields, sentence) -> None:
    answer = client.send(made.url("/commune"), typed(made, appointed="x", **fields))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="7"' in answer.text
    assert made.entry.jury is None


def test_a_draft_saved_meanwhile_shows_the_form_again_with_what_was_typed(client: CheckedClient, made: Made) -> None:
    old = typed(made)
    assert client.send(made.url("/commune"), old).status_code == 303
    again = client.send(made.url("/commune"), {**old, "professionals_min": "5"})
    assert again.status_code == 409
    assert "Le brouillon a changé" in again.text
    assert 'value="5"' in again.text
    assert made.entry.jury.condition(JuryTerm.PROFESSIONALS_MIN).count == 6


def test_a_route_to_settle_takes_its_own_rule_or_the_common_one(client: CheckedClient, store: Database) -> None:
    routes = (
        RouteEntry(Route.INITIAL_TRAINING, True, OTHER, JuryRule(None)),
        RouteEntry(Route.APPRENTICESHIP, True, OTHER, JuryRule(None)),
        RouteEntry(Route.VAE, True, "Cinq personnes."),
    )
    made = Made(store, client, routes=routes)
    page = client.page(made.url())
    assert "Réglez 2 voies" in page.text
    assert OTHER in page.text
    assert client.send(made.url("/apprentissage"), typed(made)).status_code == 303
    assert (
        client.send(made.url("/formation-initiale/reprendre"), {"revision": made.revision}, form=made.url()).status_code
        == 303
    )
    rules = {route.route: route.rule for route in made.entry.routes}
    assert rules == {
        Route.INITIAL_TRAINING: None,
        Route.APPRENTICESHIP: SAMPLES[JurySample.PROFESSIONALS],
        Route.VAE: None,
    }
    page = client.page(made.url())
    assert "Les règles du jury sont complètes" in page.text
    assert "elle est reprise ici" in page.text


def test_every_route_to_settle_takes_the_common_rule_at_once(client: CheckedClient, store: Database) -> None:
    empty = [RouteEntry(route, True, OTHER, JuryRule(None)) for route in Route if route is not Route.VAE]
    made = Made(store, client, routes=(*empty, RouteEntry(Route.VAE, True, "Cinq personnes.")))
    assert client.send(made.url("/toutes/reprendre"), {"revision": made.revision}, form=made.url()).status_code == 303
    assert {route.rule for route in made.entry.routes} == {None}
    assert client.send(made.url("/ailleurs/reprendre"), {"revision": made.revision}, form=made.url()).status_code == 404
    assert client.get(made.url("/ailleurs")).status_code == 404


def test_a_block_is_decided_otherwise_and_read_back(client: CheckedClient, store: Database) -> None:
    made = Made(store, client)
    fields = {"revision": made.revision}
    for rank in range(4):
        fields |= {f"blocks-{rank}-number": str(rank + 1), f"blocks-{rank}-decision_rule": ""}
    fields |= {"blocks-2-decision_rule": "threshold", "blocks-2-validity_months": "36"}
    wrong = client.send(made.url(), fields)
    assert wrong.status_code == 422
    assert "Donnez la part demandée, entre 1 et 100." in wrong.text
    assert client.send(made.url(), {**fields, "blocks-2-decision_threshold": "75"}).status_code == 303
    text = client.page(made.url()).text.replace("\xa0", " ")
    assert "Le bloc 3 est validé quand 75 % de ses compétences au moins sont acquises." in text
    assert "Le bloc 3 reste acquis 36 mois." in text


def test_saving_the_draft_keeps_what_its_own_page_does_not_hold(client: CheckedClient, store: Database) -> None:
    rule = JuryRule(
        2, (Seat.PRESIDENT, Seat.MEMBER), conditions=(JuryCondition(JuryTerm.PROFESSIONALS_MIN, 1),), casting_vote=False
    )
    own = RouteEntry(Route.APPRENTICESHIP, True, OTHER, SAMPLES[JurySample.PARITY])
    made = Made(store, client, jury=rule, routes=(own, RouteEntry(Route.VAE, True, "Cinq personnes.")))
    url = f"/certifications/versions/{made.id}/corriger"
    page = client.page(url)
    assert page.all("a", href=made.url())
    before = made.entry
    filled = FilledForm(client.get(url).text, "fiche")
    assert client.send(url, filled.with_changes(do="save", level="6")).status_code == 303
    assert made.entry.level == "6"
    assert made.entry.jury == before.jury
    assert [route.rule for route in made.entry.routes if route.rule] == [own.rule]


def test_options_are_typed_read_back_in_words_and_kept_by_the_draft(client: CheckedClient, store: Database) -> None:
    made = Made(store, client)
    fields = {"revision": made.revision, "options_needed": "1", "whole_source": "Arrêté du 3 mars, annexe II"}
    for rank, option in enumerate(("", "", "Option A", "Option B")):
        fields |= {f"blocks-{rank}-number": str(rank + 1), f"blocks-{rank}-option": option}
    assert client.send(made.url(), fields).status_code == 303
    assert made.entry.options == {"Option A": (3,), "Option B": (4,)}
    assert (made.entry.options_needed, made.entry.whole_source) == (1, "Arrêté du 3 mars, annexe II")
    words = "La certification entière est obtenue avec les blocs 1 et 2, et 1 option complète parmi 2"
    for address in (made.url(), f"/certifications/versions/{made.id}/publier"):
        text = client.page(address).text.replace("\u00a0", " ")
        assert words in text, address
        assert "Arrêté du 3 mars, annexe II" in text, address
    fields |= {"revision": made.revision, "options_needed": "0"}
    assert client.send(made.url(), fields).status_code == 422


def test_a_rule_with_a_fault_is_shown_with_what_to_correct(client: CheckedClient, store: Database) -> None:
    own = RouteEntry(Route.INITIAL_TRAINING, True, OTHER, JuryRule(3, (Seat.PRESIDENT,)))
    made = Made(store, client, jury=JuryRule(5, (Seat.PRESIDENT, Seat.MEMBER)), routes=(own,))
    page = client.page(made.url())
    assert "Corrigez la règle du jury" in page.text
