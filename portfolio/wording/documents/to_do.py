"""Tasks that wait for a body, as its home tells it: what to do, for whom, by when."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from portfolio.db.paging import BoundedCount
from portfolio.domain.certifying_body.rules import RemedyKind
from portfolio.domain.notification.rules.to_do import HomeStep, Task, TaskKind
from portfolio.french_text import NBSP, count, date_fr, elide_de, enumeration, thousands

_NAMES = 3  # as many names as one reads at a glance; the page behind the link lists them all


def join_names(names: Sequence[str], number: int = 0) -> str:
    """« Samia Benali », « Samia Benali et Inès Le Goff », « Samia Benali, Inès Le Goff, Karim Haddad et 4 autres ».

    `number` is how many there are, when only the first ones are named.
    """
    if max(len(names), number) > _NAMES + 1:
        others = max(len(names), number) - _NAMES
        return f"{', '.join(names[:_NAMES])} et {thousands(others)}{NBSP}autres"
    return enumeration(names)


def _minutes(task: Task, today: date) -> tuple[str, str]:
    if task.until == today:
        heard, away = task.who[: len(task.who) - task.number], task.who[len(task.who) - task.number :]
        noted = f"Absence notée{NBSP}: {join_names(away)}. La présidence clôt sans décision."
        if not heard:
            return "Un jury d’aujourd’hui est à clore", noted
        text = "La présidence note les décisions, puis signe."
        return f"Un jury siège aujourd’hui pour {join_names(heard)}", f"{text} {noted}" if away else text
    title = (
        "Un procès-verbal n’est pas clos" if len(task.who) == 1 else f"{len(task.who)} procès-verbaux ne sont pas clos"
    )
    held = date_fr(task.until)
    return title, f"Jury du {held}, pour {join_names(task.who)}. La présidence doit encore signer."


def _presidency(task: Task, _today: date) -> tuple[str, str]:
    return (
        f"Le siège de la présidence est vide pour {join_names(task.who)}",
        "La présidence s’est récusée, ou un lien est connu. Nommez un suppléant, ou reportez l’audition.",
    )


def _resumption(task: Task, _today: date) -> tuple[str, str]:
    until = (
        f"Reprise prévue le {date_fr(task.until)}."
        if task.until
        else "La présidence n’a pas encore fixé le jour de la reprise."
    )
    return f"Une séance est suspendue pour {join_names(task.who)}", until


def _notify(task: Task, _today: date) -> tuple[str, str]:
    if task.where is None:
        waits = f"Notifiez {count(task.number, 'résultat')}"
        return (waits, f"Le premier jury a décidé le {date_fr(task.since)}{NBSP}: {join_names(task.who, task.number)}.")
    return f"Notifiez le résultat {elide_de(task.who[0])}", f"Le jury a décidé le {date_fr(task.since)}."


def _appeal(task: Task, _today: date) -> tuple[str, str]:
    received = f"Il a été reçu le {date_fr(task.since)}."
    silence = f" Sans réponse le {date_fr(task.until)}, le silence vaut rejet." if task.until else ""
    return f"Répondez au recours {elide_de(task.who[0])}", received + silence


def _accommodation(task: Task, _today: date) -> tuple[str, str]:
    return (
        f"Décidez de l’aménagement demandé pour {task.who[0]}",
        f"La demande est du {date_fr(task.since)}. Le jury et la journée suivent ce que vous prévoyez.",
    )


def _admissibility(task: Task, _today: date) -> tuple[str, str]:
    return (
        f"Décidez de la recevabilité {elide_de(task.who[0])}",
        f"La demande est du {date_fr(task.since)}. Le délai de décision finit le {date_fr(task.until)}.",
    )


def _complaint(task: Task, _today: date) -> tuple[str, str]:
    return (
        f"Répondez à la réclamation {elide_de(task.who[0])}",
        f"Elle est du {date_fr(task.since)}. Vous annoncez une réponse avant le {date_fr(task.until)}.",
    )


def _erasure(task: Task, _today: date) -> tuple[str, str]:
    return (
        f"Répondez à la demande d’effacement {elide_de(task.who[0])}",
        (
            f"Elle est du {date_fr(task.since)}. Le règlement sur les données personnelles (article 12) "
            "donne un mois pour répondre."
        ),
    )


def _absence(task: Task, _today: date) -> tuple[str, str]:
    says = "a répondu" if task.number == 1 else "ont répondu"
    return (
        f"{join_names(task.who)} {says} ne pas pouvoir venir au jury du {date_fr(task.until)}",
        "Remplacez le membre du jury, ou reportez l’audition du candidat.",
    )


def _missed(task: Task, _today: date) -> tuple[str, str]:
    return (
        f"Écrivez à {join_names(task.who)} que le jury s’est tenu sans cette personne",
        f"Absence au jury du {date_fr(task.since)}. La lettre dit que rien n’est perdu.",
    )


def _update(task: Task, _today: date) -> tuple[str, str]:
    return (
        f"Mettez à jour {count(task.number, 'convocation')} au jury du {date_fr(task.until)}",
        f"Le jour, les heures ou le lieu ont changé depuis la lettre {elide_de(join_names(task.who))}.",
    )


def _summons(task: Task, _today: date) -> tuple[str, str]:
    return (
        f"Écrivez {count(task.number, 'convocation')} au jury du {date_fr(task.until)}",
        (
            f"Le jury est complet pour {join_names(task.who)}. Les lettres disent l’heure et le lieu, à fixer "
            f"d’abord{NBSP}: aucune ne part tant que vous ne l’écrivez pas."
        ),
    )


def _confirm(task: Task, _today: date) -> tuple[str, str]:
    return (
        f"Une décision au sujet {elide_de(task.who[0])} attend une seconde personne",
        (
            f"Une personne de l’organisme l’a proposée le {date_fr(task.since)}. Elle n’a aucun effet tant "
            "qu’une autre ne l’a pas confirmée."
        ),
    )


def _proposed(task: Task, _today: date) -> tuple[str, str]:
    return (
        f"Votre proposition au sujet {elide_de(task.who[0])} attend une autre personne",
        (
            f"Proposé par vous le {date_fr(task.since)}{NBSP}: une autre personne de l’organisme doit "
            "confirmer. Vous n’avez rien à faire."
        ),
    )


def _remedies(task: Task, _today: date) -> tuple[str, str]:
    waits = count(task.number, "résultat ne peut", "résultats ne peuvent")
    return (
        "Écrivez le texte sur les voies et délais de recours",
        (
            f"Sans lui, {waits} pas être notifié{'s' if task.number > 1 else ''}, et la personne ne peut "
            "pas lire sa décision."
        ),
    )


_WITHOUT_TEXT: Mapping[RemedyKind, str] = {
    RemedyKind.ADMISSIBILITY: "refuser une recevabilité",
    RemedyKind.ANNULMENT: "suspendre, annuler ou retirer un certificat",
    RemedyKind.COMPLAINT: "répondre à une réclamation",
}


def _texts(task: Task, _today: date) -> tuple[str, str]:
    acts = ", ni ".join(_WITHOUT_TEXT[kind] for kind in task.kinds)
    return (
        "Écrivez les voies et délais de recours",
        f"Chaque sorte de décision a les siens. Sans ce texte, vous ne pouvez pas {acts}.",
    )


def _lapse(task: Task, _today: date) -> tuple[str, str]:
    if task.where is None:
        return (
            f"Décidez de {count(task.number, 'caducité', 'caducités')}",
            f"Aucune démarche n’est enregistrée dans les six mois, pour {join_names(task.who, task.number)}.",
        )
    return (
        f"La recevabilité {elide_de(task.who[0])} est-elle caduque ?",
        (
            "Aucune démarche n’est enregistrée dans les six mois qui suivent sa notification. Maintenez-la "
            "pour un motif légitime, ou constatez la caducité. D’ici là, ce qu’un jury validerait attend."
        ),
    )


def _return(task: Task, _today: date) -> tuple[str, str]:
    why = "Donnez une autre date, ou laissez le jury lire la version déjà déposée."
    if task.where is None:
        waits = count(task.number, "complément demandé n’est pas venu", "compléments demandés ne sont pas venus")
        return waits, f"Pour {join_names(task.who, task.number)}. {why}"
    return f"Le complément {elide_de(task.who[0])} n’est pas venu", why


def _suspension(task: Task, _today: date) -> tuple[str, str]:
    return (
        f"Confirmez ou annulez la décision suspendue {elide_de(task.who[0])}",
        (
            f"Elle est suspendue depuis le {date_fr(task.since)} : ce que le jury avait accordé n’est ni "
            "acquis ni perdu."
        ),
    )


def _jury(task: Task, _today: date) -> tuple[str, str]:
    title = (
        "Un dossier scellé attend un jury"
        if task.number == 1
        else f"{thousands(task.number)} dossiers scellés attendent un jury"
    )
    return (title, f"Pour {join_names(task.who, task.number)}.")


def _sign(task: Task, _today: date) -> tuple[str, str]:
    waits = count(task.number, "certificat attend", "certificats attendent")
    return (
        f"{waits} une signature",
        "La décision est prise ; le document, lui, reste un projet tant qu’il n’est pas signé.",
    )


def _seats(task: Task, _today: date) -> tuple[str, str]:
    left = (
        f"Il reste {count(task.number, 'siège')} à pourvoir." if task.number else "Sa composition n’est pas régulière."
    )
    return f"Complétez le jury du {date_fr(task.until)}", left


def _reading(task: Task, _today: date) -> tuple[str, str]:
    return (
        f"Suivez la lecture du jury du {date_fr(task.until)}",
        f"Des membres n’ont pas encore déclaré ou lu, pour {join_names(task.who)}.",
    )


def _checks(task: Task, _today: date) -> tuple[str, str]:
    if task.since is not None:
        reason = "Elles tournent chaque nuit quand le programme de l’installation (« flask work ») est en marche."
        return f"Les vérifications n’ont pas tourné depuis le {date_fr(task.since)}", reason
    if task.number:
        return (
            "Une vérification de la nuit n’est pas allée au bout",
            "La page indique la vérification et la personne à prévenir.",
        )
    return (
        "Une vérification a trouvé une différence",
        (
            "Le registre des actes ou les attributions ne sont plus ce qui a été enregistré. La page "
            "explique quoi faire."
        ),
    )


def _file(task: Task, _today: date) -> tuple[str, str]:
    whose = f" du dossier {elide_de(task.who[0])}" if task.who else ""
    one = task.number == 1
    title = f"Un fichier{whose} a changé ou disparu" if one else f"{task.number} fichiers{whose} ont changé ou disparu"
    which = "Il n’est plus celui qui a été reçu" if one else "Ils ne sont plus ceux qui ont été reçus"
    return (
        title,
        (f"{which}{NBSP}: il faut remettre le fichier depuis une sauvegarde. Jusque-là, personne ne peut l’ouvrir."),
    )


def _register(task: Task, _today: date) -> tuple[str, str]:
    return (
        f"Lisez {count(task.number, 'avis', 'avis')} du répertoire",
        "Une fiche a changé, prend fin bientôt, ou un partenaire a perdu son habilitation.",
    )


def _letters(task: Task, _today: date) -> tuple[str, str]:
    waits = "courrier n’est pas parvenu", "courriers ne sont pas parvenus"
    return (
        f"{count(task.number, *waits)} à {'la personne' if task.number == 1 else 'leurs destinataires'}",
        "Il n’est pas parti par courrier électronique, et n’est pas marqué comme remis."
        if task.number == 1
        else "Ils ne sont pas partis par courrier électronique, et ne sont pas marqués comme remis.",
    )


def _si_cpf(task: Task, _today: date) -> tuple[str, str]:
    told = count(task.number, "titulaire", "titulaires")
    if task.until is None:
        return f"Faites supprimer {told} à la Caisse des Dépôts", "Le certificat a été retiré ou annulé depuis."
    return (
        f"Déclarez {told} à la Caisse des Dépôts",
        "Chaque certification obtenue se déclare dans les trois mois (article R6113-17-2).",
    )


def _france_vae(task: Task, _today: date) -> tuple[str, str]:
    return (
        f"Répondez à {count(task.number, 'candidature')} de France VAE",
        f"De {join_names(task.who, task.number)}{NBSP}: à ouvrir ici ou à refuser, dans les deux mois.",
    )


def _france_vae_sending(task: Task, _today: date) -> tuple[str, str]:
    told = "France VAE refuse, ou dit autre chose que ce qui est parti d’ici."
    return f"Vérifiez {count(task.number, 'envoi')} à France VAE", told


_MESSAGES: dict[TaskKind, Callable[[Task, date], tuple[str, str]]] = {
    TaskKind.CHECKS: _checks,
    TaskKind.FILE: _file,
    TaskKind.MINUTES: _minutes,
    TaskKind.PRESIDENCY: _presidency,
    TaskKind.RESUMPTION: _resumption,
    TaskKind.REMEDIES: _remedies,
    TaskKind.TEXTS: _texts,
    TaskKind.APPEAL: _appeal,
    TaskKind.ERASURE: _erasure,
    TaskKind.ACCOMMODATION: _accommodation,
    TaskKind.ADMISSIBILITY: _admissibility,
    TaskKind.COMPLAINT: _complaint,
    TaskKind.ABSENCE: _absence,
    TaskKind.MISSED: _missed,
    TaskKind.UPDATE: _update,
    TaskKind.SUMMONS: _summons,
    TaskKind.CONFIRM: _confirm,
    TaskKind.NOTIFY: _notify,
    TaskKind.SUSPENSION: _suspension,
    TaskKind.RETURN: _return,
    TaskKind.LAPSE: _lapse,
    TaskKind.JURY: _jury,
    TaskKind.SIGN: _sign,
    TaskKind.SI_CPF: _si_cpf,
    TaskKind.FRANCE_VAE: _france_vae,
    TaskKind.FRANCE_VAE_SENDING: _france_vae_sending,
    TaskKind.SEATS: _seats,
    TaskKind.READING: _reading,
    TaskKind.REGISTER: _register,
    TaskKind.LETTERS: _letters,
    TaskKind.PROPOSED: _proposed,
}
ACTS = {
    TaskKind.ADMISSIBILITY: "Lire la demande",
    TaskKind.CHECKS: "Voir quoi faire",
    TaskKind.FILE: "Voir quoi faire",
    TaskKind.MINUTES: "Suivre ce jury",
    TaskKind.PRESIDENCY: "Ouvrir la session",
    TaskKind.RESUMPTION: "Ouvrir la session",
    TaskKind.REMEDIES: "Compléter les réglages",
    TaskKind.TEXTS: "Compléter les réglages",
    TaskKind.APPEAL: "Répondre au recours",
    TaskKind.ERASURE: "Répondre à la demande",
    TaskKind.ACCOMMODATION: "Décider de l’aménagement",
    TaskKind.COMPLAINT: "Répondre à la réclamation",
    TaskKind.ABSENCE: "Ouvrir la session",
    TaskKind.MISSED: "Ouvrir la session",
    TaskKind.UPDATE: "Voir les convocations",
    TaskKind.SUMMONS: "Voir les convocations",
    TaskKind.CONFIRM: "Voir la proposition",
    TaskKind.NOTIFY: "Notifier le résultat",
    TaskKind.SUSPENSION: "Confirmer ou annuler",
    TaskKind.RETURN: "Décider de la suite",
    TaskKind.LAPSE: "Décider",
    TaskKind.JURY: "Planifier une session",
    TaskKind.SIGN: "Voir les certificats à signer",
    TaskKind.SI_CPF: "Voir les titulaires",
    TaskKind.FRANCE_VAE: "Voir les candidatures",
    TaskKind.FRANCE_VAE_SENDING: "Voir les envois",
    TaskKind.SEATS: "Ouvrir la session",
    TaskKind.READING: "Voir où ils en sont",
    TaskKind.REGISTER: "Lire les avis",
    TaskKind.LETTERS: "Voir les courriers",
    TaskKind.PROPOSED: "Voir la proposition",
}


def task_message(task: Task, today: date) -> tuple[str, str]:
    """Say what to do, then why, as two sentences."""
    return _MESSAGES[task.kind](task, today)


def due_message(task: Task, today: date) -> str:
    """Say how near the day of a task is: « dans 3 jours », « aujourd’hui », « dépassé de 2 jours »; nothing
    when none is set.
    """
    left = task.days_left(today)
    if left is None:
        return ""
    if left < 0:
        return "dépassé d’un jour" if left == -1 else f"dépassé de {-left}{NBSP}jours"
    return {0: "aujourd’hui", 1: "demain"}.get(left, f"dans {left}{NBSP}jours")


def first_message(task: Task, today: date) -> str | None:
    """Return what stands above the first task: how near its day is; None without a day."""
    left = task.days_left(today)
    return None if left is None else f"D’abord, {'délai ' if left < 0 else ''}{due_message(task, today)}"


def late_message(total: BoundedCount) -> str:
    """« 3 délais légaux sont dépassés »."""
    return bounded_message(total, "délai légal est dépassé", "délais légaux sont dépassés")


def near_message(total: BoundedCount) -> str:
    """« 3 délais légaux se terminent bientôt »."""
    return bounded_message(total, "délai légal se termine", "délais légaux se terminent") + " bientôt"


def bounded_message(total: BoundedCount, one: str, many: str) -> str:
    """« 12 délais », « Plus de 1 000 délais »."""
    return f"Plus de {thousands(total.number)}{NBSP}{many}" if total.is_more else count(total.number, one, many)


def tone_of(task: Task, today: date) -> str:
    """Return how the day of a task is tinted: late, this week, or neither. The words say it too."""
    left = task.days_left(today)
    if left is None:
        return "plain"
    return "bad" if left < 0 else "warn" if left <= 7 else "plain"


# What the first page says first when no task waits: what to do, why, and the words of its button.
HOME_STEPS: dict[HomeStep, tuple[str, str, str]] = {
    HomeStep.IMPORT: (
        "Importez votre première certification",
        "La fiche du répertoire donne les blocs, les compétences et la règle du jury. Vous relisez, corrigez, puis "
        "publiez.",
        "Importer une fiche",
    ),
    HomeStep.PUBLISH: (
        "Publiez la fiche importée",
        "Elle attend votre relecture : les points douteux sont signalés un à un.",
        "Relire la fiche",
    ),
    HomeStep.LATE: (
        "{late}",
        "Un délai dépassé n’entraîne aucun refus automatique : c’est vous qui décidez.",
        "Voir les délais",
    ),
    HomeStep.NEAR: ("{near}", "Dans les quinze jours qui viennent.", "Voir les délais"),
    HomeStep.OPEN: (
        "Ouvrez la première candidature",
        "Vous invitez la personne et son accompagnateur, qui choisissent chacun leur mot de passe.",
        "Ouvrir une candidature",
    ),
    HomeStep.UP_TO_DATE: (
        "Tout est à jour",
        "Aucun dossier n’attend de jury, aucun résultat de lettre, aucun certificat de signature. Aucun courrier ne "
        "reste à remettre, et aucun délai légal n’est dépassé ni proche.",
        "",
    ),
    HomeStep.NOT_YOURS: (
        "Rien n’attend de vous",
        "Cette page montre ce qui attend vos tâches. Les autres membres de l’organisme voient ce qui attend les leurs.",
        "",
    ),
}
