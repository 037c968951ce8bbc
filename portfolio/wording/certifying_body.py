"""Sentences on a setting, a port or a folder with which the product cannot start, and what to do.

The words of the look of a body's documents: what is allowed, and why a logo or a colour is not taken.

What the rights of the members of a body are called.

Titles of the information pages.

What a control pack says in French.
"""

import errno
import os
import pwd
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.engine import URL

from config import SettingError, SettingFault
from portfolio.domain.account.rules import MemberRight, MemberTask, Tasks
from portfolio.domain.certifying_body.look import MIN_CONTRAST, contrast_with_white
from portfolio.domain.certifying_body.rules import BodySettingsValue, InformationKind, MemberRefusal, RemedyKind
from portfolio.domain.integrity_checks.models import IntegrityCheck
from portfolio.domain.jury.rules.conditions import answer_from_record
from portfolio.domain.jury.rules.enums import RelationAsked
from portfolio.domain.jury.rules.quality_sample import ReviewConclusion
from portfolio.files.renditions.logo_client import LogoFault, LogoRejected
from portfolio.french_text import NBSP, date_fr, datetime_fr, elide_de, enumeration, size
from portfolio.wording.jury import QUESTIONS, predicate_message
from portfolio.wording.jury.labels import RELATIONS
from portfolio.wording.jury.opinions import extent_message

_OTHER_FOLDER = "make run DATA=~/acquis"
_REASONS = {
    errno.ENOENT: "ce dossier n’existe pas",
    errno.EISDIR: "c’est un dossier, pas un fichier",
    errno.EEXIST: "c’est un fichier, pas un dossier",
    errno.ENOTDIR: "une partie de ce chemin est un fichier, pas un dossier",
    errno.EACCES: "ce compte n’en a pas le droit",
    errno.EPERM: "ce compte n’en a pas le droit",
    errno.EROFS: "ce disque est en lecture seule",
    errno.ENOSPC: "ce disque est plein",
    errno.ENAMETOOLONG: "ce nom est trop long",
}


def setting_message(error: SettingError) -> str:
    """Return the French sentence of a setting that cannot be used."""
    name, facts = error.name, error.facts
    match error.code:
        case SettingFault.NO_NUMBER:
            return f"{name} : « {facts['value']} » n’est pas un nombre entier. Corrigez ce réglage."
        case SettingFault.OUT_OF_RANGE:
            least, most = facts["least"], facts["most"]
            return f"{name} : « {facts['value']} » ne va pas. Donnez {least} au moins et {most} au plus."
        case SettingFault.NO_CHOICE:
            return f"{name} : « {facts['value']} » ne va pas. Choisissez {' ou '.join(facts['choices'])}."
        case SettingFault.NO_ADDRESS:
            given = f" : « {facts['value']} »" if facts["value"] else ""
            return f"{name}{given} n’est pas une adresse qui convient. Donnez-la ainsi : {facts['form']}"
        case SettingFault.NO_KEY:
            return f"{name} n’est pas une clé. Donnez 32 octets en base64url."
        case SettingFault.NO_NAME:
            return f"{name} : « {facts['value']} » ne va pas. Un nom a 30 lettres, chiffres ou traits d’union au plus."
        case SettingFault.MISSING:
            return f"Il manque {name}. Donnez ce qui manque, ou retirez ce fournisseur de OPENID_PROVIDERS."
        case SettingFault.NO_FOLDER:
            return (
                f"Le dossier des données « {facts['path']} » ne peut pas être créé : "
                f"{_reason(facts['error'])}. Choisissez-en un autre : {_OTHER_FOLDER}."
            )
        case _:
            status = facts["path"].stat()
            ours, owner = _account(os.geteuid()), _account(status.st_uid)
            if ours == owner or os.statvfs(facts["path"]).f_flag & os.ST_RDONLY:
                return (
                    f"Rien ne peut être écrit dans « {facts['path']} » : il est en lecture seule. Rendez-le accessible "
                    f"en écriture, ou choisissez un autre dossier : {_OTHER_FOLDER}."
                )
            return (
                f"Le compte « {ours} » ne peut pas écrire dans « {facts['path']} », qui est à « {owner} ». "
                f"Lancez Acquis avec ce compte, ou choisissez un autre dossier : {_OTHER_FOLDER}."
            )


def port_message(host: str, port: int, error: OSError | TypeError) -> str:
    """Return the French sentence of a port on which the server cannot listen."""
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            other = port + 1 if port < 65_535 else port - 1
            return f"Le port {port} est déjà pris. Choisissez-en un autre : make run PORT={other}."
        case errno.EACCES | errno.EPERM:
            return (
                f"Le port {port} est réservé à l’administrateur de la machine. Choisissez un port à "
                "partir de 1024 : make run PORT=8000."
            )
        case _:
            return (
                f"Acquis ne peut pas écouter sur l’adresse « {host} » : elle n’est pas celle de cette "
                "machine. Corrigez HOST, ou retirez ce réglage."
            )


def database_message(url: URL) -> str:
    """Say on which database a start works, when it is not that of its data folder; its password is not said."""
    if url.get_backend_name() == "sqlite":
        return f"Base de données : {url.database}, d’après DATABASE_URL."
    return f"Base de données : PostgreSQL, « {url.database} » sur {url.host or 'cette machine'}, d’après DATABASE_URL."


def other_database_message(url: URL) -> str:
    """Say that the demonstration did not make a database, and what to run instead."""
    return (
        f"La base « {url.database} » n’a pas été faite par la démonstration : DEMO=1 y enverrait les actes de votre "
        "organisme à une imitation de France VAE. Rien n’a été changé. Pour votre organisme, retirez DEMO ou lancez "
        f"make run DEMO=0. Pour la démonstration, choisissez un autre dossier : {_OTHER_FOLDER}."
    )


def kept_database_message(url: URL) -> str:
    """Say that a database holds a body that the demonstration did not make, and is not emptied."""
    return (
        f"La base « {url.database} » contient un organisme que la démonstration n’a pas créé : elle n’est pas vidée. "
        "Choisissez un autre dossier pour la démonstration : make demo DATA=~/acquis."
    )


def log_file_message(path: Path, error: OSError) -> str:
    """Return the French sentence of a log that cannot be written."""
    return f"Le journal « {path} » ne peut pas être écrit : {_reason(error)}. Corrigez LOG_FILE."


STOPPED = "\nArrêté avant la fin. Recommencez quand vous voulez : la même commande reprend."


def disk_full_message(folder: Path) -> str:
    """Return the French sentence of a data folder that has no room for the installation."""
    return (
        f"Le disque de « {folder} » est plein : Acquis n’a pas pu s’y préparer. Libérez de la place (200 Mo "
        f"suffisent à la démonstration), ou choisissez un autre dossier : {_OTHER_FOLDER}."
    )


def _reason(error: BaseException) -> str:
    number = error.errno if isinstance(error, OSError) else None
    return _REASONS.get(number or 0, "le système l’a refusé")


def _account(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


ATTESTATION = (
    "Ce logo est celui de l’organisme, et ne reprend aucun emblème de l’État : ni Marianne, ni le bloc "
    "« République française », ni le drapeau qui les accompagne."
)
ATTESTATION_MISSING = "Vérifiez le logo, puis cochez cette case : les emblèmes de l’État sont réservés à ses services."
COLOUR_CHOICES = {"usual": "La couleur habituelle d’Acquis", "own": "La couleur de l’organisme"}
NOT_A_COLOUR = "Donnez une couleur par ses six chiffres, comme « #14564f »."
LOGO_SAVED = "Le logo est enregistré. Les prochains documents le portent."
LOGO_REMOVED = "Le logo est retiré des prochains documents. Ceux qui le portent déjà le gardent."
ACCENT_SAVED = "La couleur est enregistrée. Les prochains documents la prennent."

_FAULTS: Mapping[LogoFault, Callable[[Mapping[str, int]], str]] = {
    LogoFault.TOO_HEAVY: lambda facts: (
        f"Ce fichier dépasse {size(facts['limit'])}. Exportez un logo plus léger, en PNG, en JPEG ou en SVG."
    ),
    LogoFault.NOT_A_PICTURE: lambda _: (
        "Ce fichier n’est ni un PNG, ni un JPEG, ni un SVG. Exportez le logo dans un de ces formats."
    ),
    LogoFault.TOO_SMALL: lambda facts: (
        f"Ce logo mesure {facts['side']} pixels : il serait flou sur le papier. Il en faut au moins "
        f"{facts['least']} sur son plus grand côté."
    ),
    LogoFault.TOO_LONG: lambda _: (
        "Ce logo est trop allongé pour se lire sur un document. Choisissez une version plus compacte."
    ),
    LogoFault.TOO_PALE: lambda _: (
        "Ce logo ne se voit pas sur du blanc. Choisissez la version faite pour un fond clair."
    ),
    LogoFault.UNREADABLE: lambda _: (
        "Ce fichier ne s’ouvre pas comme une image. Exportez de nouveau le logo en PNG ou en JPEG."
    ),
}


def logo_rejected_message(rejected: LogoRejected) -> str:
    """Say why a picture is not taken as a logo, and what to do."""
    return _FAULTS[rejected.code](rejected.facts)


def too_pale_message(colour: str, proposed: str) -> str:
    """Say that a colour cannot be read on white, and which one can."""
    return (
        f"Cette couleur est trop claire pour être lue sur du blanc{NBSP}: son contraste est de "
        f"{_figure(contrast_with_white(colour))}, il en faut {_figure(MIN_CONTRAST)}. La plus proche qui "
        f"convient est {proposed}."
    )


def _figure(contrast: float) -> str:
    return f"{int(contrast * 10) / 10:.1f}".replace(".", ",")


# Who manages the team has every task, without limit.
TEAM = "team"
TASKS: dict[str, str] = {
    MemberTask.READING: "Lire",
    MemberTask.SECRETARIAT: "Secrétariat",
    MemberTask.SESSIONS: "Sessions",
    MemberTask.CERTIFICATIONS: "Certifications",
    MemberTask.SIGNATURE: "Signature",
    TEAM: "Tout faire, et gérer l’équipe",
}
CONSEQUENCES: dict[str, str] = {
    MemberTask.READING: (
        "Lit les pages de l’organisme, et n’y change rien. Les autres tâches lisent aussi. Une personne dont chaque "
        "tâche est limitée ne lit que les certifications citées."
    ),
    MemberTask.SECRETARIAT: (
        "Ouvre, corrige et ferme les candidatures, écrit aux personnes, inscrit des résultats d’évaluation, "
        "remet les courriers."
    ),
    MemberTask.SESSIONS: (
        "Planifie les sessions, compose les jurys, écrit les convocations, note les présences, inscrit les "
        "recours reçus."
    ),
    MemberTask.CERTIFICATIONS: (
        "Importe et corrige les certifications, leurs blocs, les règles de leurs jurys, leurs partenaires. "
        "Ne les publie pas."
    ),
    MemberTask.SIGNATURE: (
        "Fait ce qui engage l’organisme : notifier un résultat, signer les certificats, annuler, rectifier, "
        "accorder une équivalence, répondre à un recours ou à une demande d’effacement, publier une "
        "certification, changer les réglages."
    ),
    TEAM: "Fait tout, sans limite, invite des collègues et leur donne des tâches.",
}
LIMITED = tuple(MemberTask)


def tasks_message(right: MemberRight, tasks: Tasks, titles: Mapping[UUID, str]) -> str:
    """Return what a member was given, in one line, with the certifications that limit each task."""
    if right is MemberRight.MANAGER:
        return TASKS[TEAM]
    said = []
    for task, limits in tasks.items():
        codes = sorted(titles[each].split(" · ")[0] for each in limits if each in titles)
        said.append(TASKS[task] + (f" ({', '.join(codes)})" if codes else ""))
    return ", ".join(said)


REFUSALS: dict[MemberRefusal, Callable[[dict[str, Any]], str]] = {
    MemberRefusal.LAST_MANAGER: lambda _: (
        "Personne d’autre ne pourrait gérer l’équipe. Donnez d’abord ce droit à une personne qui a déjà "
        "choisi son mot de passe."
    ),
    MemberRefusal.NOT_MEMBER: lambda _: "Cette personne n’est plus dans l’équipe.",
}


TITLES = {
    InformationKind.HELP: "Aide",
    InformationKind.LEGAL_NOTICE: "Mentions légales",
    InformationKind.PERSONAL_DATA: "Données personnelles",
    InformationKind.ACCESSIBILITY: "Accessibilité",
}
# What a body is asked to write, when it writes nothing yet.
HINTS = {
    InformationKind.HELP: "Qui appeler, à quelles heures, pour quelles questions. Les adresses utiles.",
    InformationKind.LEGAL_NOTICE: (
        "Nom et forme de l’organisme, adresse, directeur ou directrice de la publication, hébergeur."
    ),
    InformationKind.PERSONAL_DATA: (
        "Responsable du traitement, délégué à la protection des données, finalités et bases légales, "
        "destinataires, durées de conservation, sauvegardes, droits de la personne, réclamation à la CNIL."
    ),
    InformationKind.ACCESSIBILITY: (
        "Votre déclaration d’accessibilité : état de conformité au RGAA, date et auteur de l’audit, "
        "contenus non accessibles, moyen de vous signaler un défaut, Défenseur des droits."
    ),
}
ADDRESSES = {
    InformationKind.HELP: "public.information.help_page",
    InformationKind.LEGAL_NOTICE: "public.information.legal_notice",
    InformationKind.PERSONAL_DATA: "public.information.personal_data",
    InformationKind.ACCESSIBILITY: "public.information.accessibility",
}
# What a body may adopt: between brackets, what it alone knows.
MODELS = {
    InformationKind.HELP: (
        "Pour toute question sur votre parcours, votre dossier ou votre jury, écrivez à {contact}. Nous "
        "répondons sous [nombre] jours ouvrés.\n\n"
        "Pour un accompagnement, adressez-vous à la personne nommée sur votre page d’accueil. Pour un problème "
        "technique, décrivez la page, l’heure et ce que vous vouliez faire."
    ),
    InformationKind.LEGAL_NOTICE: (
        "Éditeur : {name}, [forme juridique], {address}{siret}.\n"
        "Direction de la publication : [prénom, nom et qualité].\n"
        "Contact : {contact}.\n"
        "Hébergement : [nom, adresse et téléphone de l’hébergeur]."
    ),
    InformationKind.PERSONAL_DATA: (
        "Responsable du traitement : {name}, {address}.\n"
        "Délégué à la protection des données : [nom et adresse électronique].\n\n"
        "Pourquoi : instruire votre candidature, réunir le jury, délivrer et prouver les certificats. Base "
        "légale : l’obligation légale du certificateur (code du travail, articles L6113-1 et suivants, "
        "L6411-1 et suivants) et la mission d’intérêt public.\n"
        "Qui les reçoit : vous, la personne qui vous accompagne, les membres de votre jury, nos services "
        "habilités ; la Caisse des dépôts pour ce que la loi demande de transmettre.\n"
        "Combien de temps : les durées de votre dossier sont écrites sur sa page. Les procès-verbaux et les "
        "certificats sont gardés sans limite. Les sauvegardes sont effacées après [durée].\n\n"
        "Vos droits : accès, rectification, effacement, limitation, opposition, directives après la mort. "
        "Écrivez à {contact} : nous répondons sous un mois. Vous pouvez saisir la CNIL (www.cnil.fr)."
    ),
    InformationKind.ACCESSIBILITY: (
        "{name} s’engage à rendre ce service accessible (article 47 de la loi du 11 février 2005).\n"
        "État de conformité au RGAA 4.1 : [totale, partielle ou non conforme], d’après l’audit du [date] par "
        "[auteur].\n"
        "Contenus non accessibles : [liste, ou « aucun connu »].\n\n"
        "Si un contenu ne vous est pas accessible, écrivez à {contact} : nous vous en donnons une autre "
        "forme. Sans réponse satisfaisante, vous pouvez saisir le Défenseur des droits "
        "(www.defenseurdesdroits.fr)."
    ),
}
REMEDIES_MODEL = (
    "Vous pouvez contester cette décision dans les deux mois qui suivent sa réception :\n"
    "— par un recours gracieux, écrit et motivé, adressé à {name}, {address} ;\n"
    "— ou devant le tribunal [administratif ou judiciaire] de [ville].\n"
    "Un recours gracieux formé dans ce délai le prolonge. Le jury est souverain dans son appréciation : un "
    "recours porte sur la régularité de la procédure."
)
_BEFORE_WHOM = "— ou devant le tribunal [administratif ou judiciaire] de [ville].\n"
REMEDIES_MODELS: Mapping[RemedyKind, str] = {
    RemedyKind.ADMISSIBILITY: (
        "Vous pouvez contester ce refus dans les deux mois qui suivent sa réception :\n"
        "— par un recours gracieux, écrit et motivé, adressé à {name}, {address} ;\n"
        + _BEFORE_WHOM
        + "Un recours gracieux formé dans ce délai le prolonge. Vous pouvez aussi faire une nouvelle demande."
    ),
    RemedyKind.JURY: REMEDIES_MODEL,
    RemedyKind.ANNULMENT: (
        "Vous pouvez contester cette décision de l’organisme dans les deux mois qui suivent sa réception :\n"
        "— par un recours gracieux, écrit et motivé, adressé à {name}, {address} ;\n"
        + _BEFORE_WHOM
        + "Un recours gracieux formé dans ce délai le prolonge."
    ),
    RemedyKind.COMPLAINT: (
        "Cette réponse ne vous convient pas ? Écrivez à {name}, {address}, pour demander un nouvel examen. "
        "Vous pouvez ensuite saisir gratuitement [le médiateur et son adresse, ou le Défenseur des droits]."
    ),
}
REMEDIES_LABELS: Mapping[RemedyKind, str] = {
    RemedyKind.ADMISSIBILITY: "Refus de recevabilité",
    RemedyKind.JURY: "Décisions du jury",
    RemedyKind.ANNULMENT: "Suspension, annulation ou retrait",
    RemedyKind.COMPLAINT: "Réponses aux réclamations",
}
# The letter that goes with a control pack.
INSPECTION_MODEL = (
    "{name}, {address}{siret}\n\n"
    "Objet : réponse à votre demande du [date], référence [référence]\n\n"
    "Madame, Monsieur,\n\n"
    "Vous nous avez demandé [objet du contrôle]. Vous trouverez ci-joint le dossier de contrôle de la "
    "période du [date] au [date]. Pour chaque candidat entendu, il réunit la composition du jury, les "
    "déclarations d’absence de lien, le procès-verbal, la décision et ses motifs, la notification et les "
    "recours.\n\n"
    "INDEX.html dit aussi ce qui manque. Nous vous précisons : [explication et date à laquelle chaque pièce "
    "sera fournie, ou « aucune pièce ne manque »].\n\n"
    "EMPREINTES.txt permet de vérifier que les fichiers n’ont pas changé. Ce dossier contient des données "
    "personnelles : nous vous le remettons pour votre seule mission.\n\n"
    "Pour toute question : {contact}.\n\n"
    "[prénom, nom et qualité de la personne qui signe]"
)
BRACKETS_LEFT = "Remplacez d’abord ce qui est entre crochets : vous seul le savez."


def model_text(kind: InformationKind, words: BodySettingsValue) -> str:
    """Return the model of a page, with what the body has already said."""
    return _filled(MODELS[kind], words)


def remedies_models(words: BodySettingsValue) -> dict[RemedyKind, str]:
    """Return a model of each text on remedies that the body has not adopted, with what it has already said."""
    return {
        kind: _filled(model, words) for kind, model in REMEDIES_MODELS.items() if not words.remedies_of(kind).strip()
    }


def inspection_answer(words: BodySettingsValue) -> str:
    """Return the model of the answer to an inspection, with what the body has already said."""
    return _filled(INSPECTION_MODEL, words)


def _filled(model: str, words: BodySettingsValue) -> str:
    return model.format(
        name=words.legal_name or "[nom de l’organisme]",
        address=", ".join(words.address.split("\n")) or "[adresse]",
        contact=words.contact or "[adresse électronique et téléphone]",
        siret=f", SIRET {words.siret}" if words.siret else "",
    )


def has_brackets(text: str) -> bool:
    """Return whether a passage of a model is still to replace."""
    return "[" in text and "]" in text


MISSING: Mapping[str, str] = {
    "minutes": "Le procès-verbal n’est pas clos.",
    "signature": "Le procès-verbal n’est pas signé.",
    "declaration": "Un membre n’a pas déclaré l’absence de lien.",
    "reading": "Un membre n’a pas attesté avoir lu le dossier.",
    "irregular": "Une condition de composition n’est pas remplie.",
    "suspended": "La décision est suspendue : elle attend d’être confirmée ou annulée.",
    "annulled": "La décision est annulée : aucun autre jury n’en a décidé.",
    "notification": "Le résultat n’est pas notifié.",
    "late": "Le résultat a été notifié plus de 15 jours après la décision.",
    "remedies": "La notification ne cite pas les voies de recours.",
}


def missing_message(code: str, unsigned: Sequence[str] = ()) -> str:
    """Say what an inspector would not find; `unsigned`: who has not signed the minutes."""
    if code == "signatures":
        return f"Il manque au procès-verbal la signature {elide_de(enumeration(unsigned))}."
    return MISSING[code]


CONCLUSIONS: Mapping[ReviewConclusion, str] = {
    ReviewConclusion.SOUND: "Rien à signaler",
    ReviewConclusion.TO_IMPROVE: "Des points à améliorer",
    ReviewConclusion.IRREGULAR: "Une irrégularité à examiner",
}


def regular_message(predicates: list[Mapping[str, Any]]) -> str:
    """Return whether the composition was regular, as the minutes recorded it."""
    wrong = [predicate for predicate in predicates if not predicate["holds"] and predicate["blocking"]]
    return "Composition régulière" if not wrong else "Composition irrégulière"


def predicate_lines(predicates: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return each condition with what the minutes recorded of it."""
    answers = [answer_from_record(predicate) for predicate in predicates]
    return [(QUESTIONS[answer.id], predicate_message(answer)) for answer in answers]


def reading_message(statement: Mapping[str, Any]) -> str:
    """Return when a member attested their reading, and what they had opened here."""
    day = date_fr(date.fromisoformat(statement["at"][:10]))
    extent = extent_message(statement.get("opened"), statement.get("of"))
    paper = ", sur papier" if statement.get("on_paper") else ""
    return f"lecture attestée le {day}{paper}" + (f" ({extent})" if extent else "")


def declaration_message(statement: Mapping[str, Any]) -> str:
    """Return when a member declared that no relation exists, and of which kind."""
    day = date_fr(date.fromisoformat(statement["at"][:10]))
    denied = RELATIONS[RelationAsked(statement.get("relation", RelationAsked.ANY))]
    return f"{denied} déclaré le {day}{', sur papier' if statement.get('on_paper') else ''}"


def check_message(check: IntegrityCheck | None) -> str:
    """Return what the last check of the ledger, the grants and the files found."""
    if check is None:
        return "Aucune vérification n’a encore été faite."
    words = {True: "aucune différence", False: "des différences", None: "vérification interrompue"}
    parts = f"registre : {words[check.ledger]} ; attributions : {words[check.grants]} ; fichiers : {words[check.files]}"
    return f"Dernière vérification le {datetime_fr(check.ended_at)}. {parts.capitalize()}."


def contest_message(remedies: str, notified_on: date | None, received_on: date | None = None) -> str:
    """Return whether the decision can be contested, from the remedies that its notification cites, and since when."""
    if notified_on is None:
        return "Le résultat n’est pas notifié : aucun délai de recours ne court."
    if not remedies:
        return "La notification ne cite pas de voie de recours."
    received = f"reçu le {date_fr(received_on)}" if received_on else "sans preuve de réception"
    return f"Notifié le {date_fr(notified_on)}, {received}. Voies et délais de recours cités : {remedies}"
