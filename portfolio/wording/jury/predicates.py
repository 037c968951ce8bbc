"""French answers of each predicate of a composition: its sentence, who says it, what would mend it."""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.rules.composition import Predicate, PredicateAnswer, PredicateId, Remedy, Source, SourceKind
from portfolio.domain.jury.rules.enums import College, RelationAsked
from portfolio.french_text import NBSP, count, date_fr, enumeration
from portfolio.wording.jury.labels import (
    CONDITION_MENDS,
    CONDITION_QUESTIONS,
    CONDITION_SENTENCES,
    OF_SEAT,
    RELATIONS,
    SHORT_COLLEGES,
)

Facts = Mapping[str, Any]

# What is asked, before any answer.
QUESTIONS: Mapping[Predicate, str] = {
    PredicateId.J1: "Le nombre de membres",
    PredicateId.J2: "Un membre par siège",
    PredicateId.J3: "Le collège de la présidence",
    PredicateId.J4: "La nomination de la présidence par la direction",
    PredicateId.J5: "L’activité de la personne qui représente les salariés",
    PredicateId.J6: "La direction, ou sa délégation",
    PredicateId.J7: "Les membres extérieurs",
    PredicateId.J8: "Les représentants des deux collèges",
    PredicateId.J9: "Un membre qualifié",
    PredicateId.J10_KNOWN: "Ni la personne candidate, ni son accompagnement",
    PredicateId.J10: "Une déclaration de chaque membre",
    PredicateId.J11: "Une seule présidence",
    PredicateId.J12: "Des femmes et des hommes",
    PredicateId.J13: "La lecture faite par chaque membre",
    PredicateId.J14: "Les membres présents",
    PredicateId.J15: "La moitié de membres extérieurs",
    **CONDITION_QUESTIONS,
}


def reasons(answers: Iterable[PredicateAnswer]) -> str:
    """Say in a line why a composition is irregular: « le nombre de membres ; un membre par siège »."""
    return " ; ".join(lower(QUESTIONS[answer.id]) for answer in answers if answer.prevents)


def lower(text: str) -> str:
    """Begin a sentence's part without its capital."""
    return text[:1].lower() + text[1:]


def percent(share: str) -> str:
    """Write a share that the rules kept as a fraction: « 2/5 » is « 40 % »."""
    tenths = Fraction(share) * 1000
    whole, rest = divmod(tenths.numerator // tenths.denominator, 10)
    return f"{whole},{rest} %" if rest else f"{whole} %"


def _plural(number: int, singular: str, plural: str) -> str:
    return f"{number} {singular if number < 2 else plural}"


def _members(number: int) -> str:
    return "Aucun membre n’est nommé" if not number else _plural(number, "membre est nommé", "membres sont nommés")


def _size(facts: Facts) -> str:
    if "wanted" not in facts:
        return f"{_members(facts['members'])} ; la certification ne fixe pas de nombre."
    if facts["repeated"]:
        who = enumeration(facts["repeated"])
        verb = "occupe" if len(facts["repeated"]) == 1 else "occupent"
        distinct = _plural(facts["members"], "personne distincte", "personnes distinctes")
        return f"{who} {verb} deux sièges : le jury ne compte que {distinct}."
    return f"{_members(facts['members'])} ; il en faut exactement {facts['wanted']}."


def _seats(facts: Facts) -> str:
    parts = []
    if facts["empty"]:
        seats = enumeration(OF_SEAT[Seat(code)] for code in facts["empty"])
        parts.append(
            f"Siège à pourvoir : celui {seats}." if len(facts["empty"]) == 1 else f"Sièges à pourvoir : ceux {seats}."
        )
    if facts["extra"]:
        parts.append(f"Trop de membres au siège {enumeration(OF_SEAT[Seat(code)] for code in facts['extra'])}.")
    return " ".join(parts) or "Chaque siège a son membre."


def _seated(facts: Facts, fits: str, unfits: str) -> str:
    if not facts["asked"]:
        return "La certification ne prévoit pas ce siège."
    if not facts["who"]:
        return f"Le siège {OF_SEAT[Seat(facts['seat'])]} est encore vide."
    return f"{enumeration(facts['unfit'])} {unfits}." if facts["unfit"] else f"{enumeration(facts['who'])} {fits}."


def _president(facts: Facts) -> str:
    return _seated(facts, "représente les employeurs", "préside sans représenter les employeurs")


def _employee(facts: Facts) -> str:
    unfits = "n’est pas déclaré à la fois représentant des salariés et en activité à la date de la session"
    return _seated(facts, "représente les salariés, en activité à la date de la session", unfits)


def _director(facts: Facts) -> str:
    unfits = "n’est pas la direction et n’a pas de délégation valable à la date de la session"
    return _seated(facts, "siège pour la direction", unfits)


def _share(facts: Facts, what: str) -> str:
    if facts.get("seats") and "needed" in facts:
        return (
            f"{what} : personne n’est encore nommé ; il en faut au moins {facts['needed']} pour "
            f"{count(facts['seats'], 'siège')} ({percent(facts['share'])} du jury)."
        )
    found = f"{facts['found']} sur {facts['members']}" + (f" ({enumeration(facts['who'])})" if facts["who"] else "")
    if "needed" not in facts:
        return f"{what} : {found} ; la certification ne fixe pas de minimum."
    return f"{what} : {found} ; il en faut au moins {facts['needed']} ({percent(facts['share'])} du jury)."


def _external(facts: Facts) -> str:
    sentence = _share(facts, "Membres extérieurs")
    return f"{sentence} {unanswered_message(facts)}".strip() if "needed" in facts else sentence


def unanswered_message(facts: Facts) -> str:
    """Name the members whose ties are not known; nothing when each has answered, or when minutes record no
    such question.
    """
    names = facts.get("unanswered")
    if not names:
        return ""
    who = "cette personne est extérieure" if len(names) == 1 else "ces personnes sont extérieures"
    return f"Liens avec l’organisme sans réponse pour {enumeration(names)} : on ne sait pas si {who}."


def _silent_members(facts: Facts) -> str:
    seated = zip(facts["unanswered"], facts["unanswered_seats"], strict=True)
    who = enumeration(f"{name}, au siège {OF_SEAT[Seat(seat)]}" for name, seat in seated)
    return f"Il reste à répondre pour {who}."


def _representatives(facts: Facts) -> str:
    absent = [SHORT_COLLEGES[College(code)] for code in facts["absent"]]
    lacking = f" Il manque quelqu’un du collège {enumeration(absent)}." if absent and "needed" in facts else ""
    return _share(facts, "Représentants des employeurs et des salariés") + lacking


def _qualified(facts: Facts) -> str:
    if facts["members"] < 2:
        return f"{_members(facts['members'])} ; il en faut au moins 2, dont un qualifié pour la certification."
    if not facts["who"]:
        return "Aucun membre n’est déclaré qualifié pour la certification visée."
    return f"{_plural(facts['qualified'], 'membre qualifié', 'membres qualifiés')} : {enumeration(facts['who'])}."


def _barred(facts: Facts) -> str:
    parts = []
    if facts["who"]:
        verb = "ne peut pas" if len(facts["who"]) == 1 else "ne peuvent pas"
        parts.append(
            f"{enumeration(facts['who'])} {verb} juger {facts['candidate']} : c’est la personne candidate, "
            "ou quelqu’un qui accompagne ou a accompagné sa démarche, ou a un lien connu avec elle."
        )
    # Minutes closed before this was asked say nothing of it.
    if facts.get("again"):
        parts.append(
            f"La décision d’un jury où {'siégeait' if len(facts['again']) == 1 else 'siégeaient'} "
            f"{enumeration(facts['again'])} a été annulée pour "
            f"partialité : pour {facts['candidate']}, chaque membre du nouveau jury doit être nouveau."
        )
    if parts:
        return " ".join(parts)
    if facts["candidate"]:
        return f"Ni {facts['candidate']} ni une personne qui accompagne ou a accompagné sa démarche ne siège."
    return "Vérifié pour chaque candidat, au moment de l’ajouter."


def _one_president(facts: Facts) -> str:
    if facts["presidents"] == 1:
        if not facts.get("casting_vote", True):
            return (
                f"{enumeration(facts['who'])} préside, sans voix prépondérante : en cas de partage, le bloc "
                "n’est pas validé."
            )
        return (
            f"{enumeration(facts['who'])} préside ; en cas de partage des voix, la sienne décide si elle a été donnée."
        )
    return (
        "Personne ne préside."
        if not facts["presidents"]
        else f"{facts['presidents']} personnes président : {enumeration(facts['who'])}."
    )


def _appointed(facts: Facts) -> str:
    if not facts["asked"]:
        return "La certification ne prévoit pas de présidence."
    if not facts["appointed"]:
        return "La nomination de la présidence n’est pas inscrite."
    if not facts["in_time"]:
        return "La présidence est nommée après la date de la session."
    if not facts["by_director"]:
        return "La présidence n’est pas nommée par la direction de l’établissement."
    return (
        "La direction l’a nommée au plus tard le jour de la session ; l’acte est joint."
        if facts["attached"]
        else "L’acte qui nomme la présidence n’est pas joint."
    )


def _declared(facts: Facts) -> str:
    if facts["related"]:
        return f"Récusation pour ce candidat, sans suppléance : {enumeration(facts['related'])}."
    return (
        f"Déclaration encore attendue : {enumeration(facts['silent'])}."
        if facts["silent"]
        else f"Chaque membre déclare n’avoir {RELATIONS[RelationAsked(facts.get('relation', 'any'))]}."
    )


def _balance(facts: Facts) -> str:
    if facts["balanced"]:
        return "Des femmes et des hommes siègent."
    return (
        "Le jury n’est pas mixte ; le motif en est écrit."
        if facts["justified"]
        else "Le jury n’est pas mixte, et aucun motif n’est écrit."
    )


def _read(facts: Facts) -> str:
    return (
        f"Lecture pas encore attestée : {enumeration(facts['unread'])}."
        if facts["unread"]
        else "Chaque membre atteste avoir lu ce qui est soumis au jury."
    )


def _quorum(facts: Facts) -> str:
    least = "" if facts.get("all", True) else " au moins, dont la présidence"
    if not facts.get("noted", True):
        members = _plural(facts["needed"], "membre", "membres")
        return f"Les présences ne sont pas encore notées{NBSP}; il faut {members}{least}."
    here = _plural(facts["present"], "membre est présent", "membres sont présents")
    absent = f" Absence{NBSP}: {enumeration(facts['absent'])}." if facts.get("absent") and least else ""
    president = "" if facts.get("presided", True) else " La présidence n’est pas là."
    return f"{here}{NBSP}; il en faut {facts['needed']}{least}.{president}{absent}"


SENTENCES: Mapping[Predicate, Callable[[Facts], str]] = {
    PredicateId.J1: _size,
    PredicateId.J2: _seats,
    PredicateId.J3: _president,
    PredicateId.J5: _employee,
    PredicateId.J6: _director,
    PredicateId.J7: _external,
    PredicateId.J8: _representatives,
    PredicateId.J9: _qualified,
    PredicateId.J10_KNOWN: _barred,
    PredicateId.J11: _one_president,
    PredicateId.J4: _appointed,
    PredicateId.J10: _declared,
    PredicateId.J12: _balance,
    PredicateId.J13: _read,
    PredicateId.J14: _quorum,
    PredicateId.J15: lambda facts: _external({**facts, "share": "1/2"}),
    **CONDITION_SENTENCES,
}

MENDS: Mapping[Remedy, str] = {
    Remedy.NAME_MORE: "Nommez les membres qui manquent.",
    Remedy.NAME_FEWER: "Retirez un membre, ou remplacez la personne qui occupe deux sièges.",
    Remedy.FILL_SEATS: "Nommez quelqu’un à chaque siège à pourvoir.",
    Remedy.FILL_THIS_SEAT: "Nommez quelqu’un à ce siège.",
    Remedy.ONE_PER_SEAT: "Ne gardez qu’un membre par siège.",
    Remedy.EMPLOYER_PRESIDENT: (
        "Nommez à la présidence un professionnel qui représente les employeurs, ou corrigez son collège."
    ),
    Remedy.EMPLOYEE_IN_ACTIVITY: (
        "Nommez à ce siège un représentant des salariés qui exerce à la date de la session, ou corrigez ce "
        "qui est déclaré."
    ),
    Remedy.DIRECTOR_OR_DELEGATION: (
        "Nommez le directeur ou la directrice, ou inscrivez une délégation qui couvre la date de la session."
    ),
    Remedy.ANSWER_TIES: ("Sur la page de la session, ouvrez le siège et répondez à « Liens avec l’organisme »."),
    Remedy.MORE_EXTERNAL: (
        "Remplacez un membre par une personne sans contrat ni mandat, actuel ou récent, "
        "avec le certificateur ou l’organisme de formation."
    ),
    Remedy.MORE_REPRESENTATIVES: "Nommez davantage de représentants des employeurs ou des salariés.",
    Remedy.BOTH_COLLEGES: "Nommez au moins un représentant des employeurs et un représentant des salariés.",
    Remedy.QUALIFIED_MEMBER: (
        "Nommez au moins une personne qualifiée pour la certification visée, ou corrigez ce qui est déclaré."
    ),
    Remedy.REPLACE_BARRED: "Remplacez cette personne, ou présentez le candidat à une autre session.",
    Remedy.ONE_PRESIDENT: "Désignez une seule présidence.",
    Remedy.APPOINT_PRESIDENT: (
        "Joignez l’acte de la direction qui nomme la présidence, daté au plus tard du jour de la session."
    ),
    Remedy.DECLARE: ("Chaque membre déclare s’il a un lien avec le candidat, en ligne ou sur le formulaire signé."),
    Remedy.JUSTIFY_PARITY: ("Nommez une femme et un homme au moins, ou écrivez pourquoi ce n’est pas possible."),
    Remedy.ATTEST_READING: ("Chaque membre lit ce qui est soumis au jury, puis l’atteste avant la délibération."),
    Remedy.NOTE_ATTENDANCE: "Le jour venu, notez qui est là.",
    Remedy.REACH_QUORUM: "Attendez les membres absents, appelez leurs suppléants, ou reportez la session.",
    **CONDITION_MENDS,
}


def source_message(source: Source) -> str:
    """Say who asks for it; a legal rule with the first day of the paths that it binds."""
    if source.kind is SourceKind.LAW and source.binds_from:
        return (
            f"Article {source.reference} du code du travail, pour les parcours commencés depuis le "
            f"{date_fr(source.binds_from)}"
        )
    return {
        SourceKind.ENTRY: "Fiche de la certification",
        SourceKind.CERTIFIER: "Règle du certificateur",
        SourceKind.PUBLISHED: "Règle de jury publiée avec la certification",
        SourceKind.LAW: f"Article {source.reference} du code du travail",
        SourceKind.CASE: "Décisions de justice",
        SourceKind.DESIGN: "Règle appliquée par défaut par le certificateur",
        SourceKind.PRACTICE: "Usage",
    }[source.kind]


def predicate_message(answer: PredicateAnswer) -> str:
    """Say what a predicate found."""
    return SENTENCES[answer.id](answer.facts)


def remedy_message(answer: PredicateAnswer) -> str:
    """Say what would mend a false predicate; nothing when it holds."""
    if answer.remedy is Remedy.ANSWER_TIES:
        return f"{MENDS[answer.remedy]} {_silent_members(answer.facts)}"
    return MENDS[answer.remedy] if answer.remedy else ""
