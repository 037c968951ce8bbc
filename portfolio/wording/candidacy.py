"""French sentences of candidacies.

The candidacies of a body as a spreadsheet: one line each, in the words of the list.

What is wrong with a line copied out of a spreadsheet.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from portfolio.domain.candidacy.rules.candidate_sheet import (
    MAX_LINES,
    CandidateColumn,
    CandidateLine,
    LineFault,
    WrongLine,
)
from portfolio.domain.candidacy.rules.deadlines import Deadline, DeadlineKind, Regime
from portfolio.domain.candidacy.rules.missed_deadlines import LapseOutcome, LapseState, MissedDeadline, Ruling
from portfolio.domain.candidacy.rules.opening import Birth, CandidacyRefusal, NewCandidacy, Scope
from portfolio.domain.candidacy.rules.stage import ClosureKind, PathStep, Stage
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.group_acts.rules import OpeningOutcome
from portfolio.domain.group_acts.use_cases.openings import OpeningLineResult, RefusedLine
from portfolio.french_text import NBSP, count, date_fr
from portfolio.wording.holdings.grants import outcome_message

ROUTES = {
    Route.VAE: "Validation des acquis de l’expérience (VAE)",
    Route.INITIAL_TRAINING: "Formation initiale",
    Route.APPRENTICESHIP: "Apprentissage",
    Route.CONTINUING_TRAINING: "Formation continue",
    Route.PROFESSIONALISATION: "Contrat de professionnalisation",
    Route.INDIVIDUAL: "Candidature individuelle",
}
# The same in a menu.
ROUTES_SHORT = ROUTES | {Route.VAE: "VAE"}
LIST_DEADLINES = {
    "depasse": "Dépassé, sans décision",
    "proche": "Dans les quinze jours",
    "a-notifier": "Résultat à notifier",
}
REGIMES = {
    Regime.FRANCE_VAE: "France VAE",
    Regime.CERFA: "Cerfa (procédure antérieure)",
    Regime.OTHER: "Règles propres au certificateur",
}
STAGES = {
    Stage.INVITED: "Première connexion attendue",
    Stage.WRITING: "En rédaction",
    Stage.SEALED: "Attend un jury",
    Stage.CALLED: "Jury fixé",
    Stage.DECIDED: "Jury passé",
    Stage.OBTAINED: "Tout est acquis",
    Stage.CLOSED: "Fermée",
}
# How far a candidacy came.
STEPS = {
    Stage.INVITED: "Candidature ouverte",
    Stage.WRITING: "Première connexion",
    Stage.SEALED: "Premier dépôt",
    Stage.CALLED: "Jury fixé",
    Stage.DECIDED: "Décision d’un jury",
    Stage.OBTAINED: "Tous les blocs demandés sont acquis",
}
CLOSURES = {
    ClosureKind.ABANDONED: "La personne abandonne, ou ne répond plus",
    ClosureKind.CLOSED: "L’organisme ferme la candidature",
    ClosureKind.REOPENED: "La candidature reprend",
}
SCOPES = {Scope.WHOLE: "Toute la certification", Scope.BLOCKS: "Certains blocs seulement"}


def _expired(facts: dict[str, Any]) -> str:
    until, asked = date.fromisoformat(facts["until"]), date.fromisoformat(facts["admissible_on"])
    successor = f" La fiche {facts['successor']} lui succède." if facts.get("successor") else ""
    return (
        "L’enregistrement de cette certification au répertoire a pris fin le "
        f"{date_fr(until)}. Une candidature datée du {date_fr(asked)} ne peut pas être ouverte.{successor}"
    )


def _route_closed(facts: dict[str, Any]) -> str:
    return (
        f"La fiche ferme la voie «{NBSP}{ROUTES[Route(facts['route'])]}{NBSP}» pour cette certification. "
        "Choisissez une autre voie, ou écrivez le motif pour ouvrir malgré tout."
    )


def _route_not_mentioned(facts: dict[str, Any]) -> str:
    route = f"«{NBSP}{ROUTES[Route(facts['route'])]}{NBSP}»"
    if facts.get("own"):
        return (
            f"Votre certification n’indique pas si la voie {route} est ouverte. Confirmez-le plus bas, ou "
            "choisissez une autre voie."
        )
    return (
        f"La fiche n’indique pas si la voie {route} est ouverte pour "
        "cette certification. Vérifiez auprès du répertoire, puis confirmez plus bas, ou choisissez une "
        "autre voie."
    )


REFUSALS: dict[CandidacyRefusal, Callable[[dict[str, Any]], str]] = {
    CandidacyRefusal.ENTRY_EXPIRED: _expired,
    CandidacyRefusal.ROUTE_CLOSED: _route_closed,
    CandidacyRefusal.ROUTE_NOT_MENTIONED: _route_not_mentioned,
    CandidacyRefusal.VERSION_NOT_PUBLISHED: lambda _: (
        "Cette version n’est pas publiée. Publiez-la avant d’ouvrir une candidature."
    ),
    CandidacyRefusal.FOREIGN_BLOCK: lambda _: (
        "Un des blocs choisis n’appartient pas à cette certification. Choisissez de nouveau."
    ),
    CandidacyRefusal.PARTNER_UNKNOWN: lambda _: "Ce partenaire n’est pas un partenaire de cette certification.",
    CandidacyRefusal.OPTION_NEEDED: lambda facts: (
        f"La certification entière demande les blocs communs et {count(facts['needed'], 'option')} au moins. "
        f"Cochez, dans «{NBSP}Blocs demandés{NBSP}», un bloc de chaque option choisie. Tous les "
        "blocs de cette option et les blocs communs seront demandés."
    ),
    CandidacyRefusal.NO_BLOCK: lambda _: "Choisissez au moins un bloc.",
    CandidacyRefusal.ADVISOR_IS_CANDIDATE: lambda _: "Une personne ne peut pas accompagner son propre dossier.",
    CandidacyRefusal.ADVISOR_SITS: lambda _: (
        "Cette personne siège au jury de ce candidat : elle ne peut pas l’accompagner."
    ),
    CandidacyRefusal.ADMISSIBLE_TOMORROW: lambda _: "Une candidature ne peut pas être datée d’un jour à venir.",
    CandidacyRefusal.ALREADY_OPEN: lambda _: "Cette personne a déjà une candidature ouverte sur cette certification.",
    CandidacyRefusal.NO_OVERRUN: lambda _: (
        f"Ce délai n’est pas dépassé{NBSP}: il n’y a rien à décider. Rechargez la page pour voir où en est "
        "la candidature."
    ),
    CandidacyRefusal.LAPSED_AFTER_MINUTES: lambda _: (
        f"Un jury s’est déjà prononcé sur cette candidature{NBSP}: sa caducité ne peut plus être constatée. "
        "Rien de ce qui est acquis n’est retiré. Vous pouvez encore maintenir la recevabilité."
    ),
    CandidacyRefusal.NOT_THE_CANDIDATES_DELAY: lambda _: (
        f"Ce délai est celui de votre organisme{NBSP}: son dépassement ne retire rien à la personne. "
        f"Choisissez «{NBSP}maintenue{NBSP}» et écrivez le motif du retard."
    ),
    CandidacyRefusal.RULED_TOMORROW: lambda _: "Cette date est à venir. Donnez celle de la décision.",
    CandidacyRefusal.RULED_TOO_SOON: lambda _: (
        "À cette date, le délai n’était pas encore passé. Donnez la date à laquelle la décision a été prise."
    ),
    CandidacyRefusal.NO_REASON: lambda _: f"Écrivez le motif{NBSP}: la personne le lira.",
    CandidacyRefusal.BIRTH_AWAITS_LETTER: lambda _: (
        "Le jury a délibéré. La date et le lieu de naissance ne changent pas avant la lettre qui donne le résultat."
    ),
    CandidacyRefusal.BIRTH_PRINTED: lambda _: (
        f"Un certificat est délivré avec la date et le lieu de naissance{NBSP}: ils ne changent plus. "
        "Ainsi, tous les certificats portent les mêmes informations."
    ),
    CandidacyRefusal.BIRTH_USELESS: lambda _: (
        "Toute la certification est obtenue, et ses certificats sont délivrés. Si le parchemin n’indique pas la "
        f"naissance, l’organisme l’inscrit sur la page «{NBSP}Corriger l’identité imprimée{NBSP}»."
    ),
    CandidacyRefusal.ADDRESS_IS_THEIRS: lambda _: (
        f"Cette personne a déjà commencé ici{NBSP}: elle change elle-même son adresse, sur la page "
        f"«{NBSP}Mon compte{NBSP}»."
    ),
    CandidacyRefusal.SCOPE_IS_SEALED: lambda _: (
        f"Un dossier est déjà déposé avec ces blocs{NBSP}: ils ne changent plus. Ouvrez une autre "
        "candidature après le jury."
    ),
    CandidacyRefusal.CLOSED_ALREADY: lambda _: "Cette candidature est déjà fermée.",
    CandidacyRefusal.NOT_CLOSED: lambda _: "Cette candidature n’est pas fermée.",
    CandidacyRefusal.JURY_IS_SET: lambda _: (
        f"Un jury doit entendre cette personne{NBSP}: retirez-la d’abord de la session, puis fermez la candidature."
    ),
    CandidacyRefusal.NO_SUCH_COHORT: lambda f: (
        f"La promotion «{NBSP}{f['name']}{NBSP}» n’existe pas pour cette certification et cette voie. "
        "Créez-la, ou corrigez son nom."
    ),
    CandidacyRefusal.REFERENCE_TAKEN: lambda f: (
        f"La référence «{NBSP}{f['reference']}{NBSP}» est déjà celle d’une candidature."
    ),
    CandidacyRefusal.REOPENED_ELSEWHERE: lambda _: (
        "Cette personne a déjà une autre candidature ouverte sur cette certification."
    ),
    CandidacyRefusal.BORN_TOMORROW: lambda _: "Cette date est à venir. Vérifiez l’année de naissance.",
}

CLOCKS = {
    DeadlineKind.FIRST_STEP: "Première démarche à faire avant le {until}",
    DeadlineKind.JURY: "Jury à réunir avant le {until}",
    DeadlineKind.NOTIFICATION: "Résultat à notifier avant le {until}",
}


def birth_message(birth: Birth) -> str:
    """Say a birth as the certificate prints it, in words that fit every person and every place (« Le Havre » too)."""
    name = f"Nom de naissance{NBSP}: {birth.name}. " if birth.name else ""
    return f"{name}Date et lieu de naissance{NBSP}: {date_fr(birth.on)}, {birth.place}"


def deadline_detail_message(clock: Deadline) -> str:
    """Say a clock with the earlier date, then the other reading when it differs, and its source."""
    sentence = CLOCKS[clock.kind].format(until=date_fr(clock.until))
    other = f" (ou le {date_fr(clock.latest)}, selon la lecture du texte)" if clock.latest != clock.until else ""
    return f"{sentence}{other}, article {clock.source} du code du travail."


# What a delay asks of the one whose path it is, before its article.
RUNNING = {
    DeadlineKind.FIRST_STEP: f"À commencer avant le {{until}}{NBSP}: décrire une première expérience suffit.",
    DeadlineKind.JURY: "Le jury doit se réunir avant le {until}.",
    DeadlineKind.NOTIFICATION: "Le résultat doit être envoyé avant le {until}.",
}


def running_deadline_message(clock: Deadline) -> tuple[str, str]:
    """Say a delay that runs plainly, with the earlier date; then its source, and the other reading when it differs."""
    other = f", ou le {date_fr(clock.latest)} selon la lecture du texte" if clock.latest != clock.until else ""
    return RUNNING[clock.kind].format(until=date_fr(clock.until)), f"Article {clock.source} du code du travail{other}."


DELAYS = {
    DeadlineKind.FIRST_STEP: "La première démarche, dans les six mois de la recevabilité",
    DeadlineKind.JURY: "Le jury, dans les trois mois du dépôt",
    DeadlineKind.NOTIFICATION: "La notification, dans les quinze jours du jury",
}
OUTCOMES = {
    LapseOutcome.LEGITIMATE: "La candidature est maintenue, pour un motif légitime",
    LapseOutcome.LAPSED: "La recevabilité est caduque",
}
# What was awaited, once it came.
_CAME = {
    DeadlineKind.FIRST_STEP: "la première démarche date du {day}",
    DeadlineKind.JURY: "le jury s’est réuni le {day}",
    DeadlineKind.NOTIFICATION: "le résultat a été notifié le {day}",
}
_STILL = {
    DeadlineKind.FIRST_STEP: "aucune démarche n’est enregistrée",
    DeadlineKind.JURY: "le jury ne s’est pas prononcé",
    DeadlineKind.NOTIFICATION: "le résultat n’est pas notifié",
}


def missed_deadline_message(deadline: MissedDeadline) -> str:
    """Say which delay passed, when, by which readings, and what came since."""
    until = date_fr(deadline.clock.until)
    other = (
        f" (ou le {date_fr(deadline.clock.latest)}, selon la lecture du texte)"
        if deadline.clock.latest != deadline.clock.until
        else ""
    )
    since = _CAME[deadline.kind].format(day=date_fr(deadline.done_on)) if deadline.done_on else _STILL[deadline.kind]
    doubt = "" if deadline.certain else " Selon la seconde lecture du texte, le délai est respecté."
    return (
        f"Le délai courait jusqu’au {until}{other}, article {deadline.clock.source} du code "
        f"du travail{NBSP}; {since}.{doubt}"
    )


def missed_deadline_title(deadline: MissedDeadline, *, ruled: bool) -> str:
    """Title an overrun by what both readings say of it: a delay that one of them keeps is not titled as passed."""
    if ruled:
        return "Délai dépassé, décision rendue"
    if deadline.certain:
        return "Délai dépassé"
    return (
        "Délai respecté selon une des deux lectures"
        if deadline.done_on
        else "Délai dépassé selon une des deux lectures"
    )


WAITED = {
    DeadlineKind.FIRST_STEP: "première démarche",
    DeadlineKind.JURY: "jury",
    DeadlineKind.NOTIFICATION: "notification du résultat",
}


def deadline_message(deadline: Any, today: date) -> str:
    """Say a delay of a list in one line: whose, of what, until when, and how far that day is."""
    clock = deadline.clock
    left = (clock.until - today).days
    uncertain = deadline.overrun is not None and not deadline.overrun.certain
    far = {0: "aujourd’hui", 1: "demain", -1: "depuis un jour"}.get(
        left, f"dans {left}{NBSP}jours" if left > 0 else f"depuis {-left}{NBSP}jours"
    )
    doubt = f", ou le {date_fr(clock.latest)} selon la seconde lecture" if uncertain else ""
    came = (
        _CAME[clock.kind].format(day=date_fr(deadline.overrun.done_on))
        if deadline.overrun and deadline.overrun.done_on
        else ""
    )
    return f"{deadline.candidate}{NBSP}: {WAITED[clock.kind]} avant le {date_fr(clock.until)}{doubt} ({came or far})."


def lapse_message(state: LapseState) -> str:
    """Say what a delay of the admissibility means for what a jury may grant (R3); nothing when it means nothing."""
    return {
        LapseState.NONE: "",
        LapseState.NOT_RULED: (
            f"Tant que vous n’avez pas décidé, rien n’est refusé à la personne{NBSP}: elle peut travailler, "
            "déposer, être entendue. Mais ce qu’un jury validerait ne serait acquis qu’après votre décision."
        ),
        LapseState.RULED: f"La recevabilité est maintenue{NBSP}: le dépassement n’empêche plus rien.",
        LapseState.LAPSED: (
            f"La recevabilité est caduque{NBSP}: ce dossier ne peut plus être déposé. La personne peut "
            "demander une nouvelle recevabilité, et vous pouvez ouvrir une nouvelle candidature."
        ),
    }[state]


def ruling_message(ruling: Ruling) -> str:
    """Say to anyone what was ruled of which delay, and when."""
    what = {
        DeadlineKind.FIRST_STEP: "la recevabilité",
        DeadlineKind.JURY: "la candidature, malgré le retard du jury,",
        DeadlineKind.NOTIFICATION: "la candidature, malgré le retard de la notification,",
    }[ruling.kind]
    word = "est caduque" if ruling.outcome is LapseOutcome.LAPSED else "est maintenue"
    return f"Décision du {date_fr(ruling.decided_on)}{NBSP}: {what} {word}."


EXPORT_HEADER = (
    "Personne",
    "Adresse électronique",
    "Étape",
    "Suivi par",
    "Certification",
    "Version",
    "Voie",
    "Procédure",
    "Ouverte le",
    "Recevable ou commencée le",
    "Dernier dépôt le",
    "Jury le",
    "Résultat",
    "Délai le plus proche",
)


def export_row(each: Any) -> tuple[str | int | date | None, ...]:
    """Return one candidacy of the list as a line of the file."""
    row = each.row
    return (
        row.candidate,
        row.email,
        STAGES[each.stage],
        row.advisor,
        f"{row.code} · {row.title}",
        row.version,
        ROUTES_SHORT[row.route],
        REGIMES[row.regime],
        row.opened_at,
        row.admissible_on,
        row.submitted_at,
        row.heard_on,
        outcome_message(each.outcome) if each.outcome else "",
        each.deadline_on,
    )


_FAULTS = {
    LineFault.NO_EMAIL: "l’adresse électronique manque, ou n’est pas complète.",
    LineFault.NO_NAME: "le nom manque.",
    LineFault.TOO_LONG: "une cellule est trop longue.",
    LineFault.TWICE: "cette adresse est sur plusieurs lignes.",
    LineFault.TOO_MANY: f"{MAX_LINES} personnes au plus à la fois. Mettez la suite dans un autre fichier.",
    LineFault.DAY: f"«{NBSP}{{cell}}{NBSP}» n’est pas une date. Écrivez jour/mois/année.",
    LineFault.ROUTE: f"«{NBSP}{{cell}}{NBSP}» n’est pas une voie d’accès. Écrivez par exemple VAE ou apprentissage.",
    LineFault.ADVISOR: "l’accompagnement demande un nom et une adresse électronique.",
    LineFault.BORN_TOMORROW: f"la date de naissance «{NBSP}{{cell}}{NBSP}» est à venir.",
    LineFault.REFERENCE_TWICE: f"la référence «{NBSP}{{cell}}{NBSP}» est sur plusieurs lignes.",
}
CANDIDATE_COLUMNS = {
    CandidateColumn.NAME: "Nom",
    CandidateColumn.FIRST_NAME: "Prénom",
    CandidateColumn.EMAIL: "Courriel",
    CandidateColumn.PHONE: "Téléphone",
    CandidateColumn.ADDRESS: "Adresse postale",
    CandidateColumn.POSTCODE: "Code postal",
    CandidateColumn.TOWN: "Ville",
    CandidateColumn.BORN_ON: "Date de naissance",
    CandidateColumn.BIRTH_PLACE: "Lieu de naissance",
    CandidateColumn.BIRTH_NAME: "Nom de naissance",
    CandidateColumn.ROUTE: "Voie d’accès",
    CandidateColumn.ADMISSIBLE_ON: "Recevable le, ou début de la formation",
    CandidateColumn.ADVISOR: "Nom de la personne qui accompagne",
    CandidateColumn.ADVISOR_EMAIL: "Courriel de la personne qui accompagne",
    CandidateColumn.GROUP: "Groupe ou promotion",
    CandidateColumn.REFERENCE: "Référence",
}


LINES_EXAMPLE = (
    f"Par exemple{NBSP}: Samia Benali{NBSP}; samia.benali@exemple.fr{NBSP}; 12 rue des Lilas{NBSP}; 69003 Lyon. "
    f"Sous une ligne de titres, tout est reconnu{NBSP}: voie, naissance, téléphone, accompagnement, groupe, référence."
)


def already_open_title(known: int, right: int) -> str:
    """Say how many lines are open already; all of them: the list was sent before."""
    lines = count(known, "ligne est déjà ouverte", "lignes sont déjà ouvertes")
    return lines if right else f"{lines}{NBSP}: cette liste a sans doute déjà été envoyée"


def dropped_birth_message(number: int) -> str:
    """Say that an incomplete birth is not kept."""
    lines = count(number, "ligne donne", "lignes donnent")
    return (
        f"{lines} une naissance incomplète{NBSP}: un certificat imprime le jour et le lieu ensemble. "
        "Rien n’en est repris, et la personne pourra l’écrire."
    )


def line_route(line: CandidateLine, shared: NewCandidacy) -> str:
    """Say by which route a line opens a candidacy, and since when."""
    asked = line.asked(shared)
    return f"{ROUTES_SHORT[asked.route]}, {date_fr(asked.admissible_on)}"


def line_details(line: CandidateLine) -> str:
    """Say what else a line says of its own."""
    birth = f"naissance le {date_fr(line.birth.on)} à {line.birth.place}" if line.birth else ""
    advisor = f"suivi par {line.advisor.name}" if line.advisor else ""
    address = line.postal_address.replace("\n", ", ")
    said = (birth, line.phone, address, advisor, line.group, line.reference and f"réf. {line.reference}")
    return f"{NBSP}; ".join(filter(None, said))


def wrong_line_message(line: WrongLine) -> str:
    """Say which line cannot be read, and why."""
    return f"Ligne {line.number}, «{NBSP}{line.text}{NBSP}»{NBSP}: {_FAULTS[line.fault].format(cell=line.cell)}"


def refused_line_messages(refused: Sequence[RefusedLine]) -> list[str]:
    """Say which lines the rules refuse and why, once for all that one reason stops."""
    reasons: dict[str, list[CandidateLine]] = {}
    for each in refused:
        reasons.setdefault(REFUSALS[each.code](each.facts), []).append(each.line)
    return [
        f"Ligne {lines[0].number}, {lines[0].name}{NBSP}: {reason}"
        if len(lines) == 1
        else f"{len(lines)} lignes, de {lines[0].number} à {lines[-1].number}{NBSP}: {reason}"
        for reason, lines in reasons.items()
    ]


def not_opened_message(line: OpeningLineResult) -> str:
    """Say why the candidacy of a line is not open."""
    if line.outcome is OpeningOutcome.FAILED:
        return "Une panne l’a empêché, après trois essais. Recommencez pour cette personne."
    if line.refusal in set(CandidacyRefusal):
        return REFUSALS[CandidacyRefusal(line.refusal or "")](line.facts)
    return "Une règle l’empêche."


def opened_title(number: int) -> str:
    """Say how many are open."""
    return count(number, "candidature est ouverte", "candidatures sont ouvertes")


_RESULTS = "Les certificats et leurs motifs sont sur la page des résultats.", "Voir les résultats"
# The next step of a candidacy, as the body reads it: what, why, and the words of its button.
_STEPS: Mapping[PathStep, tuple[str, str, str]] = {
    PathStep.NOTIFY: (
        "Notifier le résultat",
        "Le jury a décidé le {decided}. La personne {others} la lettre.",
        "Écrire la notification",
    ),
    PathStep.APPEAL: ("Répondez au recours", "", "Répondre au recours"),
    PathStep.RETURNED: ("Un complément est demandé au dossier", "", "Voir la demande"),
    PathStep.OBTAINED: ("Tous les blocs demandés sont acquis", *_RESULTS),
    PathStep.DECIDED: ("Le jury a décidé le {heard}", *_RESULTS),
    PathStep.SUSPENDED: (
        "La séance du jury est suspendue",
        "Jour de la séance ou de la reprise : {heard}. La page de la session permet d’écrire la reprise.",
        "Voir les sessions",
    ),
    PathStep.ABSENT: (
        "La personne n’est pas venue",
        "La présidence clôt un procès-verbal sans décision : {own} attend ensuite un autre jury.",
        "",
    ),
    PathStep.NOT_HEARD: (
        "Inscrire {what} à une session de jury",
        "Un jury s’est réuni sans cette personne. Le procès-verbal indique son absence, sans décision.",
        "Choisir ou planifier une session",
    ),
    PathStep.SCHEDULE: ("Inscrire {what} à une session de jury", "{sealed}", "Choisir ou planifier une session"),
    PathStep.RECORD: (
        "Inscrivez les évaluations",
        "Le jury décide d’après les résultats que vous inscrivez, puis que vous arrêtez dans un relevé.",
        "Voir les évaluations",
    ),
}
_WRITING = (
    "Vous le verrez ici quand il sera déposé. Le brouillon n’est visible que du candidat et de son accompagnateur."
)


_READS = ("Le jury lit le relevé d’évaluation.", "Chaque membre du jury déclare, puis lit le dossier scellé.")
_SEALED = ("Le relevé d’évaluation est arrêté", "Il est déposé et scellé")


UNSUMMONED = "Sa convocation n’est pas encore écrite. Aucune lettre ne part tant que vous ne l’écrivez pas."


def heard_message(on: date, today: date, reads: str) -> tuple[str, str]:
    """Say to the body that a jury hears someone: the day to come, that day, or the minutes awaited since."""
    if on > today:
        return f"Le jury l’entend le {date_fr(on)}", reads
    if on == today:
        return "Le jury l’entend aujourd’hui", "La présidence note les décisions, puis signe le procès-verbal."
    return f"Le procès-verbal du jury du {date_fr(on)} est attendu", "La présidence le clôt et le signe."


def step_message(step: PathStep, row: Any, to_notify: Any, today: date) -> tuple[str, str, str]:
    """Say the next step of a candidacy to its body: what, why, the words of its button."""
    by_vae = row.has_dossier
    if step is PathStep.HEAR:
        return *heard_message(row.heard_on, today, _READS[by_vae]), ""
    facts = {
        "decided": date_fr(to_notify.decided_on) if to_notify else "",
        "others": "et son accompagnateur attendent" if by_vae and row.advisor else "attend",
        "heard": date_fr(row.heard_on),
        "own": "le dossier scellé" if by_vae else "le relevé",
        "what": "ce dossier" if by_vae else row.candidate,
        "sealed": f"{_SEALED[by_vae]} depuis le {date_fr(row.submitted_at)}.",
    }
    title, text, label = _STEPS.get(step, ("Le dossier est en rédaction", _WRITING, ""))
    return title.format(**facts), text.format(**facts), label
