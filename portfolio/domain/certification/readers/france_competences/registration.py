"""The registration of an entry: its days, its act, and what is deduced of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lxml import etree

from portfolio.domain.certification.readers.cncp_text.numbers import years_after
from portfolio.domain.certification.readers.france_competences.texts import (
    day_of,
    line_of,
    raw_of,
    squeeze,
    whole_of,
)
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Registration

ON_REQUEST = "sur demande"
# From the day that counts to the one that stands in for it.
STARTS_BY_LAW = ("DATE_EFFET", "DATE_DE_PUBLICATION", "DATE_DERNIER_JO")
STARTS_ON_REQUEST = ("DATE_EFFET", "DATE_DECISION", "DATE_DE_PUBLICATION")
DAYS = (
    "DATE_FIN_ENREGISTREMENT",
    "DATE_DECISION",
    "DATE_EFFET",
    "DATE_DE_PUBLICATION",
    "DATE_LIMITE_DELIVRANCE",
)
WHERE = "registrations.1"


def registrations_of(entry: etree._Element, title: str) -> tuple[tuple[Registration, ...], list[Doubt]]:
    """Return the one registration that the published data describes; a day that is absent or unreadable stays
    None.
    """
    kind = line_of(entry, "TYPE_ENREGISTREMENT")
    names = STARTS_ON_REQUEST if ON_REQUEST in kind.lower() else STARTS_BY_LAW
    days = {name: day_of(raw_of(entry, name)) for name in {*names, *DAYS}}
    start = next((name for name in names if days[name]), None)
    since, until = days[start] if start else None, days["DATE_FIN_ENREGISTREMENT"]
    doubts = [*_unreadable(entry, days)]
    if since is None and until is None and not kind:
        return (), [*doubts, Doubt("registrations", DoubtCode.SECTION_MISSING, ("registrations",))]
    if since is None or until is None:
        doubts.append(Doubt(WHERE, DoubtCode.REGISTRATION_DATES_MISSING))
    elif start not in names[:2]:
        doubts.append(Doubt(WHERE, DoubtCode.REGISTRATION_START_DEDUCED, (since.isoformat(),)))
    doubts += _duration(entry, since, until)
    return (Registration(title, _act(entry, kind), since, until),), doubts


def _act(entry: etree._Element, kind: str) -> str:
    """Return the kind of registration and the latest act that creates or renews it, as the entry writes
    them.
    """
    cited = _cited(entry, "CREATION") + _cited(entry, "AUTRE") or _cited(entry, "GENERAL")
    latest = max(cited, key=lambda act: act[0], default=(date.min, ""))[1]
    if not latest and (decided := squeeze(raw_of(entry, "DATE_DECISION"))):
        latest = f"décision du {decided}"
    return " – ".join(filter(None, (kind, latest)))


def _cited(entry: etree._Element, name: str) -> list[tuple[date, str]]:
    acts = entry.iterfind(f"PUBLICATION_DECRET_{name}/PUBLICATION_JO")
    return [(day_of(raw_of(act, "DATE_PUBLICATION_JO")) or date.min, line_of(act, "TITRE")) for act in acts]


def _duration(entry: etree._Element, since: date | None, until: date | None) -> Iterator[Doubt]:
    years = whole_of(raw_of(entry, "DUREE_ENREGISTREMENT"))
    decided = day_of(raw_of(entry, "DATE_DECISION"))
    if not years or until is None:
        return
    if until not in {years_after(day, years) for day in (since, decided) if day}:
        yield Doubt(WHERE, DoubtCode.REGISTRATION_DURATION_DIFFERS, (str(years), until.isoformat()))


def _unreadable(entry: etree._Element, days: dict[str, date | None]) -> Iterator[Doubt]:
    for name in sorted(days):
        written = squeeze(raw_of(entry, name))
        if written and days[name] is None:
            yield Doubt("registrations", DoubtCode.DATE_UNREADABLE, (name, written[:40]))
