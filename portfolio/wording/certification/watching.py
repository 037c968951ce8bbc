"""The sentences of what a new reading of the register shows, and of a partner's habilitation."""

from collections.abc import Callable, Sequence

from portfolio.domain.certification.rules.habilitation import HabilitationAnswer, HabilitationGround, Purpose
from portfolio.domain.certification.rules.watching import RegisterNoticeKind
from portfolio.french_text import date_fr
from portfolio.wording.certification.names import ROUTE_NAMES
from portfolio.wording.certification.reading import iso_day

Facts = Sequence[str]
STATE_NOW = {"inactive": "inactive", "removed": "supprimée"}
ROUTES_BY_CODE: dict[str, str] = {route.value: name for route, name in ROUTE_NAMES.items()}

NOTICES: dict[RegisterNoticeKind, Callable[[Facts], str]] = {
    RegisterNoticeKind.CHANGED: lambda f: (
        f"Le contenu de la fiche a changé au répertoire : un brouillon de la version {f[0]} est créé. "
        "Relisez-le, puis publiez-le ou abandonnez-le."
    ),
    RegisterNoticeKind.ENDS_SOON: lambda f: (
        f"L’enregistrement prend fin le {iso_day(f[0])}, dans moins de {f[1]} mois. "
        "Préparez la demande de renouvellement, ou nommez la fiche suivante."
    ),
    RegisterNoticeKind.SUCCESSOR: lambda f: (
        f"Le répertoire nomme la fiche {f[0]} comme suite de celle-ci. Confirmez-la sur la page de la version."
    ),
    RegisterNoticeKind.ROUTE_CLOSED: lambda f: (
        f"La voie « {ROUTES_BY_CODE.get(f[0], f[0])} » est maintenant fermée au répertoire. "
        "Les candidatures ouvertes par cette voie ne changent pas."
    ),
    RegisterNoticeKind.HABILITATION_LOST: lambda f: (
        f"L’habilitation du partenaire {f[0]} est {STATE_NOW.get(f[1], f[1])} au répertoire. "
        "Vérifiez les candidatures et les sessions prévues avec ce partenaire."
    ),
}
NOTICE_TITLES = {
    RegisterNoticeKind.CHANGED: "Fiche modifiée",
    RegisterNoticeKind.ENDS_SOON: "Fin d’enregistrement proche",
    RegisterNoticeKind.SUCCESSOR: "Fiche suivante publiée",
    RegisterNoticeKind.ROUTE_CLOSED: "Voie d’accès fermée",
    RegisterNoticeKind.HABILITATION_LOST: "Habilitation perdue",
}

PURPOSES = {Purpose.TRAIN: "former", Purpose.ORGANISE: "organiser l’évaluation"}
OF_PURPOSES = {"former": "de former", "organiser l’évaluation": "d’organiser l’évaluation"}
GROUNDS: dict[HabilitationGround, Callable[[str, str, str], str]] = {
    HabilitationGround.HELD: lambda what, since, until: (
        f"l’habilitation à {what} est "
        f"active{f' depuis le {since}' if since else ''}{f' jusqu’au {until}' if until else ''}."
    ),
    HabilitationGround.OTHER_PURPOSE: lambda what, _since, _until: (
        f"l’habilitation de ce partenaire ne permet pas {OF_PURPOSES[what]}."
    ),
    HabilitationGround.NOT_YET: lambda _what, since, _until: f"l’habilitation ne commence que le {since}.",
    HabilitationGround.ENDED: lambda _what, _since, until: f"l’habilitation a pris fin le {until}.",
    HabilitationGround.INACTIVE: lambda _what, _since, _until: (
        "le répertoire donne cette habilitation comme inactive ou supprimée, sans date."
    ),
    HabilitationGround.NOT_PARTNER: lambda _what, _since, _until: (
        "cet organisme n’est pas partenaire de cette certification."
    ),
    HabilitationGround.UNKNOWN: lambda what, _since, _until: f"rien n’indique si ce partenaire peut {what}.",
}


OLD_EXPORT = (
    "Cet export a plus de 30 jours, d’après son nom : le répertoire a pu changer depuis. Téléchargez le dernier."
)


def notice_sentence(kind: RegisterNoticeKind, facts: Facts) -> str:
    """Say one fact about an entry, and what to do."""
    return NOTICES[kind]((*facts, "", ""))


def habilitation_sentence(answer: HabilitationAnswer) -> str:
    """Say whether a partner may do something on a day, and the ground: « Le 4 mai 2026, l’habilitation a pris
    fin le… ».
    """
    since, until = (date_fr(answer.since) if answer.since else "", date_fr(answer.until) if answer.until else "")
    return f"Le {date_fr(answer.on)}, {GROUNDS[answer.ground](PURPOSES[answer.purpose], since, until)}"
