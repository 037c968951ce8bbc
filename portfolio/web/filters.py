"""The filters and functions that every template may use to write dates, sizes and counts."""

from flask import Flask
from markupsafe import Markup

from portfolio.domain.dossier.rules.texts import formatted_html
from portfolio.french_text import (
    count,
    date_fr,
    datetime_fr,
    elide_de,
    enumeration,
    hour_fr,
    size,
    thousands,
    weekday_fr,
)
from portfolio.web.headers import serve_static_files
from portfolio.web.urls import url_builder


def init_app(app: Flask) -> None:
    """Give the filters to every template."""
    app.jinja_env.filters.update(
        date_fr=date_fr,
        datetime_fr=datetime_fr,
        size=size,
        elide_de=elide_de,
        hour_fr=hour_fr,
        weekday_fr=weekday_fr,
        thousands=thousands,
    )
    app.jinja_env.filters["formatted"] = lambda text: Markup(formatted_html(text or ""))  # noqa: S704 - it escapes what was typed  # nosec B704
    serve_static_files(app)
    app.jinja_env.globals.update(count=count, enumeration=enumeration, url_builder=url_builder)
