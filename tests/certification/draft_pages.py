"""Read the pages of a draft that a certifier imports: URLs, text, form."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select

from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.entry import Entry, Route, RouteEntry
from portfolio.domain.certification.rules.entry_schema import entry_from_json
from portfolio.screens.certifier.certifications.queries import find_draft
from tests import factories
from tests.certification.filling import FilledForm
from tests.certification.readers.writing import entry_text

INDEX = "/certifications"

IMPORT = "/certifications/importer"


def the_entry(**changes: object) -> Entry:
    routes = tuple(RouteEntry(route, route is not Route.INDIVIDUAL or None, None) for route in Route)
    return replace(entry_from_json(factories.entry()), routes=routes, **changes)


TEXT = entry_text(the_entry())


def draft_url(version_id: UUID) -> str:
    return f"/certifications/versions/{version_id}/corriger"


def versions(store) -> int:
    with store.reader() as session:
        return session.scalar(select(func.count()).select_from(CertificationVersion))


def filled(browser, version_id: UUID) -> FilledForm:
    return FilledForm(browser.get(draft_url(version_id)).text, "fiche")


def the_draft(store, version_id: UUID):
    with store.reader() as session:
        return find_draft(session, version_id)
