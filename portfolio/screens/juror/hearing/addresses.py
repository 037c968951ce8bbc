"""The addresses of the exhibits and competencies of a hearing, built once for the page that lists them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import g

from portfolio.web.urls import label_url_builder, url_builder


@dataclass(frozen=True, slots=True)
class HearingUrls:
    """What makes the address of each exhibit and of its file, by its label, and of each competency, by its
    id.
    """

    exhibit: Callable[..., str]
    file: Callable[..., str]
    competency: Callable[[UUID], str]


def hearing_urls(hearing_id: UUID) -> HearingUrls:
    """Return the addresses of a hearing; a page asks once for each of its lines and builds them once."""
    built: dict[UUID, HearingUrls] = g.setdefault("hearing_urls", {})
    if hearing_id not in built:
        built[hearing_id] = HearingUrls(
            label_url_builder("jury.exhibit", hearing_id=hearing_id),
            label_url_builder("jury.exhibit_file", hearing_id=hearing_id),
            url_builder("jury.competency", "competency_id", hearing_id=hearing_id),
        )
    return built[hearing_id]
