"""The act of a registration, told from those that end it, amend it, or come after it began: one rule for every form."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum

from portfolio.domain.certification.readers.cncp_text.cleaning import fold
from portfolio.domain.certification.readers.cncp_text.listing import DATE, day_of
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Act, ActKind
from portfolio.domain.certification.rules.registration import act_covers


class ActNature(StrEnum):
    """Effects of an act on a registration, as its title words the first of them."""

    REGISTERS = "registers"
    ENDS = "ends"
    AMENDS = "amends"
    UNSAID = "unsaid"


# « modifié » alone is the state of an act that still registers: « Arrêté du 3 mars 2018 modifié portant création ».
EFFECTS = re.compile(
    r"\b(?:(?P<registers>portant\s+(?:enregistrement|creation|definition|agrement|renouvellement)|creant|enregistrant"
    r"|renouvelant|renouvellement)"
    r"|(?P<ends>abrog\w+|retir(?:e|ant|ait)\b|retrait\b|annul\w+|suspen\w+|radi(?:e|ant|ation)\b|mettant\s+fin|met\s+fin"
    r"|fin\s+(?:de\s+(?:l')?|d')enregistrement|supprim\w+|suppression|desenregistr\w+|non[\s-]renouvel\w+"
    r"|refus\w*\s+(?:de\s+)?(?:l')?(?:enregistr|renouvel)\w+|caduc\w*|cess(?:e|ant|ation)\b)"
    r"|(?P<amends>modifiant|modificati\w+|rectifi\w+|corrig\w+|completant|remplacant|prorog\w+|prolong\w+|erratum))"
)
SIGNED = re.compile(rf"\A.{{0,30}}?\b(?:arrete|decret|decision)\b[^,;]{{0,60}}?\bdu\s+(?P<day>{DATE})")
EFFECTIVE = re.compile(
    rf"\b(?:(?:avec|prenant|prend)\s+effet\s+(?:au|du|le|a\s+compter\s+du|a\s+partir\s+du)|a\s+compter\s+du|en\s+vigueur\s+(?:le|au))"
    rf"\s+(?P<day>{DATE})"
)
QUOTED = 500


def nature_of(title: str) -> ActNature:
    """Return the effect that a title words first: « portant abrogation de l'enregistrement » ends."""
    found = EFFECTS.search(fold(title))
    return ActNature(found.lastgroup) if found and found.lastgroup else ActNature.UNSAID


def ends(title: str) -> bool:
    """Return whether a title words, anywhere, the end of a registration."""
    return any(match["ends"] for match in EFFECTS.finditer(fold(title)))


def act_of_registration(acts: Iterable[Act], since: date | None, until: date | None) -> tuple[Act | None, list[Doubt]]:
    """Return the act of a registration among those that an entry cites, with a doubt about each that ends or
    amends it or comes later; None when none of them can be it.

    An act of creation that covers the dates comes first, then another act that does.
    """
    cited = list(dict.fromkeys(acts))
    able = [act for act in cited if not _is_apart(act, since)]
    ranked = sorted(able, key=lambda act: act.published_on or date.min, reverse=True)
    kinds = (ActKind.CREATION, ActKind.OTHER)
    covering = (act for kind in kinds for act in ranked if act.kind is kind and _covers(act, since, until))
    others = (act for kind in (*kinds, ActKind.GENERAL) for act in ranked if act.kind is kind)
    chosen = next(covering, None) or next(others, None)
    return chosen, list(dict.fromkeys(_doubts(cited, chosen, since, until)))


def _covers(act: Act, since: date | None, until: date | None) -> bool:
    return act_covers(act.published_on, since, until)


def _is_apart(act: Act, since: date | None) -> bool:
    """Return whether an act ends or amends a registration, or comes after it began."""
    return nature_of(act.title) in (ActNature.ENDS, ActNature.AMENDS) or _is_later(act, since)


def _is_later(act: Act, since: date | None) -> bool:
    """Return whether an act was published, signed or took effect after a registration began."""
    folded = fold(act.title)
    written = [day_of(match["day"]) for pattern in (SIGNED, EFFECTIVE) if (match := pattern.search(folded))]
    return since is not None and any(day > since for day in (act.published_on, *written) if day)


def _doubts(cited: list[Act], chosen: Act | None, since: date | None, until: date | None) -> Iterator[Doubt]:
    for act in cited:
        if act is chosen or (chosen and act.title == chosen.title):
            continue
        if nature_of(act.title) is ActNature.ENDS:
            yield Doubt("registrations", DoubtCode.ACT_ABROGATES, (act.title[:QUOTED],))
        elif act.kind is not ActKind.GENERAL and (_is_apart(act, since) or _follows(act, chosen)):
            yield Doubt("registrations", DoubtCode.ACT_NOT_KEPT, (act.title[:QUOTED],))
    if chosen and not _covers(chosen, since, until):
        yield Doubt("registrations.1", DoubtCode.ACT_OUTSIDE_REGISTRATION, (chosen.title[:QUOTED],))
    elif chosen and chosen.kind is not ActKind.CREATION:
        yield Doubt("registrations.1", DoubtCode.ACT_NOT_OF_CREATION, (chosen.title[:QUOTED],))


def _follows(act: Act, chosen: Act | None) -> bool:
    return bool(chosen and act.published_on and act.published_on > (chosen.published_on or date.min))
