"""Navigation around each page: logged-in person and home links."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask, current_app, request, session, url_for
from flask_login import current_user

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.login import RolesOverview
from portfolio.wording.assessment import PATHS
from portfolio.wording.email import coming_message


@dataclass(frozen=True)
class NavItem:
    """A link of the bar."""

    label: str
    href: str
    current: bool
    count: int = 0


def navigation_items(roles: RolesOverview, path: str) -> list[NavItem]:
    """Return the homes of a person, the present one marked. French labels stand in the list below."""
    items: list[tuple[str, str, tuple[str, ...], int]] = []
    if roles.certifies:
        # What they read of others is in these rooms, unless another of their hats has its own.
        dossiers = () if roles.advises or roles.candidacies else ("/dossiers",)
        juries = () if roles.sits else ("/jurys",)
        items += [
            (
                "Organisme",
                url_for("certifier.home.certifier"),
                ("/organisme", "/candidatures", "/courriers", *dossiers),
                0,
            ),
            ("Certifications", url_for("certifier.certifications.index"), ("/certifications",), 0),
            ("Sessions de jury", url_for("certifier.sessions.sessions"), ("/sessions", *juries), 0),
        ]
    if roles.advises:
        items.append(
            ("Accompagnement", url_for("advisor.dossier.board"), ("/accompagnement",), roles.unread_as_advisor)
        )
    if roles.sits:
        items.append(("Mes jurys", url_for("juror.hearing.home"), ("/jurys",), 0))
    own = single_dossier(roles)
    if own:
        return (
            _rooms(own, path, roles.unread_as_candidate) if own not in roles.without_dossier else _path_rooms(own, path)
        )
    items += _candidate_items(roles)
    return [NavItem(label, href, path.startswith(starts), count) for label, href, starts, count in items]


def single_dossier(roles: RolesOverview) -> UUID | None:
    """Return the dossier of a person who has one and nothing else: the bar carries its rooms.

    None for anyone else.
    """
    alone = len(roles.candidacies) == 1 and not (roles.certifies or roles.advises or roles.sits)
    return roles.candidacies[0] if alone else None


def _rooms(candidacy_id: UUID, path: str, unread: int) -> list[NavItem]:
    """Return the rooms of a dossier; what belongs to no other is in the first."""
    home = url_for("candidate.dossier.home", candidacy_id=candidacy_id)
    rooms = [
        ("Expériences", url_for("candidate.dossier.experiences", candidacy_id=candidacy_id), ("experiences",)),
        (
            "Preuves",
            url_for("candidate.evidence.pieces", candidacy_id=candidacy_id),
            ("preuves", "attestations", "recherche"),
        ),
        ("Textes", url_for("candidate.dossier.general_texts", candidacy_id=candidacy_id), ("textes",)),
    ]
    others = [
        NavItem(label, href, path.startswith(tuple(f"{home}/{name}" for name in names))) for label, href, names in rooms
    ]
    first = path.startswith((home, "/depots")) and not any(nav_item.current for nav_item in others)
    return [NavItem("Livret 2", home, first, unread), *others]


def _path_rooms(candidacy_id: UUID, path: str) -> list[NavItem]:
    """Return the rooms of a path without a livret 2: the path, and its results."""
    results = url_for("public.certificate.results", candidacy_id=candidacy_id)
    is_result = path.startswith((results, f"/dossiers/{candidacy_id}/notification"))
    is_path = path.startswith((f"/dossiers/{candidacy_id}", "/depots")) and not is_result
    return [
        NavItem("Mon parcours", url_for("candidate.results.path", candidacy_id=candidacy_id), is_path),
        NavItem("Mes résultats", results, is_result),
    ]


def _candidate_items(roles: RolesOverview) -> list[tuple[str, str, tuple[str, ...], int]]:
    if not roles.candidacies:
        return []
    unread = roles.unread_as_candidate
    if len(roles.candidacies) > 1:
        return [("Mes dossiers", url_for("certifier.home.dossiers"), ("/mes-dossiers", "/dossiers", "/depots"), unread)]
    only = roles.candidacies[0]
    home = url_for("candidate.dossier.home", candidacy_id=only)
    if only in roles.without_dossier:
        own = url_for("candidate.results.path", candidacy_id=only)
        return [("Mon parcours", own, (f"/dossiers/{only}", "/depots"), unread)]
    return [("Mon livret 2", home, (f"/dossiers/{only}", "/depots"), unread)]


def own_crumb(case: CandidacyAccess) -> tuple[str, str]:
    """Return the first step back of a candidate's page: the livret 2, or the path of a route without one."""
    if case.has_dossier:
        return "Mon livret 2", url_for("candidate.dossier.home", candidacy_id=case.id)
    return PATHS[case.route], url_for("candidate.results.path", candidacy_id=case.id)


def browser_storage_key(person_id: UUID) -> str:
    """Return the name under which a browser keeps what a person types: nobody else's pages carry it, and it tells
    nothing of them.

    It outlives a session of login, so that what an ended session interrupted is found again by its author.
    """
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, b"kept in the browser:" + person_id.bytes, hashlib.sha256).hexdigest()[:32]


def init_app(app: Flask) -> None:
    """Give these variables to every template."""

    @app.context_processor
    def _around() -> dict[str, Any]:
        known = current_user.is_authenticated
        return {
            "nav": navigation_items(current_user.roles, request.path) if known else [],
            "own_crumb": own_crumb,
            "has_draft": known and bool({*current_user.roles.candidacies} - current_user.roles.without_dossier),
            "own_dossier": single_dossier(current_user.roles) if known else None,
            "person": current_user if known else None,
            "owner": browser_storage_key(current_user.id) if known else None,
            "notice": session.pop("notice", None),
            "demo": current_app.config["SETTINGS"].demo,
        }


def delivery_notice(*, several: bool = False) -> str:
    """Return the sentence about letters just written: about to leave, or to hand over without a mail server."""
    return coming_message(has_server=current_app.config["SETTINGS"].smtp is not None, several=several)
