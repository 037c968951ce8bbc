"""The one next action, said with its reason.

Which pieces often serve a competency, and the question that it puts in plain words.

What a submission lacks, each thing in one sentence.
"""

from collections.abc import Callable, Mapping
from datetime import date

from portfolio.domain.candidacy.rules.stage import PathStep
from portfolio.domain.dossier.rules.completeness import Gap, MissingItem
from portfolio.domain.dossier.rules.draft import MisplacedCitation, UnprintedPiece
from portfolio.domain.dossier.rules.next_action import NextAction, NextStep, Reason
from portfolio.domain.dossier.rules.rehearsal import STEP_MINUTES, steps_a_week
from portfolio.domain.dossier.rules.texts import Theme
from portfolio.french_text import NBSP, count, date_fr, enumeration, shortened
from portfolio.wording.certification.versions import length_message, part_title, written_message
from portfolio.wording.dossier.names import TEXT_HELP, TEXT_OBJECT, TEXTS
from portfolio.wording.evidence import citation_error_message, missing_message

SERVING: Mapping[Theme, str] = {
    Theme.WATCH: (
        "Une liste de sources suivies, une note de veille ou une lettre d’information que vous rédigez "
        "peuvent convenir."
    ),
    Theme.PEOPLE: (
        "Un organigramme, un budget d’embauche, une fiche de poste ou un planning de charge peuvent convenir."
    ),
    Theme.DATA: (
        "Un tableau de bord, un relevé de statistiques ou une enquête, avec la décision qui en est sortie, "
        "peuvent convenir."
    ),
    Theme.PARTNERS: (
        "Une consultation, un comparatif de devis, un contrat ou un compte rendu de négociation peuvent convenir."
    ),
    Theme.CHANGE: (
        "Un plan d’accompagnement, un support de formation interne ou un compte rendu d’atelier peuvent convenir."
    ),
    Theme.NETWORKS: (
        "Une ligne éditoriale, un calendrier de publication ou les statistiques d’une page peuvent convenir."
    ),
    Theme.CONTENT: (
        "Des contenus publiés, un calendrier éditorial ou un même sujet décliné sur plusieurs supports "
        "peuvent convenir."
    ),
    Theme.MARKETING: ("Un plan de communication, un budget de campagne ou un bilan d’actions peuvent convenir."),
    Theme.STRATEGY: (
        "Une étude de marché, une note de stratégie ou une présentation défendue devant une direction peuvent convenir."
    ),
    Theme.OFFER: "Un cahier des charges, une proposition chiffrée ou une maquette peuvent convenir.",
    Theme.PROJECT: (
        "Un planning, un tableau de suivi, un compte rendu de réunion ou un bilan de projet peuvent convenir."
    ),
    Theme.TEACHING: (
        "Un déroulé de séance, un support de formation ou des évaluations de participants peuvent convenir."
    ),
    Theme.CARE: (
        "Un projet d’accompagnement anonymisé, un planning d’activités ou une attestation de votre "
        "responsable peuvent convenir."
    ),
    Theme.SAFETY: "Une procédure, un relevé de contrôle ou un plan d’actions peuvent convenir.",
    Theme.SALES: "Une proposition commerciale, un suivi de clientèle ou un bilan de ventes peuvent convenir.",
    Theme.ANY: "Un document de travail, un compte rendu ou l’attestation d’un employeur peuvent convenir.",
}
PLAINLY: Mapping[Theme, str] = {
    Theme.WATCH: "Comment vous tenez-vous au courant, où cherchez-vous, et qu’en faites-vous ?",
    Theme.PEOPLE: "De quelles personnes le travail avait-il besoin, et comment l’avez-vous estimé ?",
    Theme.DATA: "Quels chiffres ou quels retours avez-vous recueillis, et qu’avez-vous changé grâce à eux ?",
    Theme.PARTNERS: (
        "Comment avez-vous choisi ceux qui ont travaillé pour vous, et sur quoi vous êtes-vous mis d’accord ?"
    ),
    Theme.CHANGE: "Qui devait changer ses habitudes, et comment l’y avez-vous aidé ?",
    Theme.NETWORKS: "Où fallait-il être présent, pour qui, et avec quels moyens ?",
    Theme.CONTENT: "Qu’avez-vous écrit, filmé ou dessiné, et comment l’avez-vous adapté à chaque support ?",
    Theme.MARKETING: "À qui vouliez-vous parler, par quels moyens, avec quel budget ?",
    Theme.STRATEGY: ("Quelle direction avez-vous proposée, pourquoi celle-là, et comment l’avez-vous défendue ?"),
    Theme.OFFER: "Qu’avez-vous proposé, pour répondre à quel besoin et à quelles contraintes ?",
    Theme.PROJECT: "Comment avez-vous réparti le travail, suivi son avancée, et réagi aux imprévus ?",
    Theme.TEACHING: ("À qui avez-vous appris quelque chose, comment, et comment savez-vous qu’ils l’ont appris ?"),
    Theme.CARE: "De qui vous êtes-vous occupé, et comment avez-vous adapté ce que vous faisiez ?",
    Theme.SAFETY: "Quel risque fallait-il éviter, et qu’avez-vous mis en place ?",
    Theme.SALES: "Que cherchait la personne, et comment l’avez-vous amenée à décider ?",
    Theme.ANY: "Quand avez-vous fait cela, et comment vous y êtes-vous pris ?",
}


# What the button of the next action says.
NEXT_LABELS: Mapping[NextStep, str] = {
    NextStep.READ_RESULTS: "Lire mes résultats",
    NextStep.FOLLOW_JURY: "Lire ce que le jury a écrit",
    NextStep.DESCRIBE_EXPERIENCE: "Décrire une expérience",
    NextStep.ADD_FIRST_PIECE: "Ajouter une preuve",
    NextStep.DESCRIBE_PIECE: "Décrire cette pièce",
    NextStep.CLAIM_PIECE: "Choisir les compétences",
    NextStep.ADD_EVIDENCE: "Ajouter une preuve",
    NextStep.WRITE_NARRATIVE: "Commencer le récit",
    NextStep.COMPLETE_NARRATIVE: "Continuer le récit",
    NextStep.STRENGTHEN: "Lire la remarque",
    NextStep.COMMENT_CLAIMS: "Commenter",
    NextStep.WRITE_TEXT: "Écrire",
    NextStep.CORRECT_PASSAGE: "Corriger le passage",
    NextStep.ANONYMISE: "Masquer",
    NextStep.SUBMIT: "Préparer le dépôt",
}


BEFORE_JURY = "D’ici là, relisez votre dossier : c’est de lui que vous parlerez."
ON_THE_DAY = "Votre dossier reste ouvert à la lecture : gardez-le sous les yeux, c’est de lui que vous parlez."
JURY_LABEL = "Relire mon dossier"


def next_title(action: NextAction) -> str:
    """Say the next action in one sentence that names what it is about."""
    return TITLES[action.step](action)


def next_text(action: NextAction) -> str:
    """Say why this action, and what could serve."""
    why = _WHY.get((action.step, action.ground))
    sentences = [why(action)] if why else []
    if action.step in (NextStep.ADD_FIRST_PIECE, NextStep.ADD_EVIDENCE):
        sentences.append(SERVING[action.theme])
    return " ".join(sentence for sentence in sentences if sentence)


def jury_title(on: date, today: date) -> str:
    """Say the day on which the jury hears the candidate: it takes the place of « Votre dossier est déposé »."""
    if on == today:
        return "Le jury vous entend aujourd’hui"
    return f"Le jury vous entend le {date_fr(on)}" if on > today else f"Votre jury était fixé au {date_fr(on)}"


_RESULTS_LATER = "Vos résultats s’affichent ici le jour où l’organisme certificateur vous les envoie."
SUSPENDED_TITLE = "La séance du jury est suspendue"


def suspended_text(on: date | None, today: date) -> str:
    """Say when a suspended jury resumes, once that day is known."""
    if on is None or on < today:
        return f"Le jour de la reprise vous sera écrit. {_RESULTS_LATER}"
    when = "aujourd’hui" if on == today else f"le {date_fr(on)}"
    return f"Le jury reprend {when}. {_RESULTS_LATER}"


def jury_over(on: date, today: date) -> str:
    """Say above that title whether the day is still to come."""
    return "Aujourd’hui" if on == today else "Bientôt" if on > today else "Rien à faire pour l’instant"


def jury_text(on: date, today: date, place: str | None, own: str = "dossier") -> str:
    """Say where the jury sits and what is left to do before it, on the day, and after it."""
    if on < today:
        return _RESULTS_LATER
    where = f"Lieu : {place}. " if place else ""
    if own != "dossier":
        return f"{where}Le jury lit votre {own}, puis vous entend."
    return where + (BEFORE_JURY if on > today else ON_THE_DAY)


_DECIDED = "Lisez, bloc par bloc, ce qui est acquis et ce qui reste à montrer."
# The next step of a path, as its candidate reads it on every page after a deposit; `{own}`: their dossier or record.
OWN_STEPS: Mapping[PathStep, tuple[str, str]] = {
    PathStep.NOTIFY: (
        "Le jury a délibéré",
        "Une lettre de l’organisme certificateur vous donne le résultat. Il s’affiche ici le jour où elle est envoyée.",
    ),
    PathStep.SUSPENDED: (SUSPENDED_TITLE, "Rien n’est perdu : le jury délibère encore, et rien n’est décidé."),
    PathStep.AGAIN: (
        "Un autre jury peut vous entendre pour les blocs qui manquent",
        "L’organisme certificateur vous présente de nouveau.",
    ),
    PathStep.PREPARE: (
        "Préparez le dépôt suivant",
        "Votre dossier se rouvre pour les blocs qui manquent, avec tout ce que vous y aviez mis. Les blocs acquis ne "
        "sont pas à présenter de nouveau.",
    ),
    PathStep.OBTAINED: (
        "Tout ce que vous demandiez vous est acquis",
        "Donnez le numéro d’un certificat, ou montrez son code QR : toute personne peut alors vérifier ce certificat.",
    ),
    PathStep.HELD_UP: (
        "Vos blocs suspendus attendent une décision",
        "Ils ne sont ni acquis ni perdus. Le certificateur vérifie que la session du jury a suivi les règles. Il "
        "confirmera la décision du jury, ou l’annulera : vous pourrez alors présenter ces blocs de nouveau.",
    ),
    PathStep.CONTINUE: ("Complétez votre dossier, puis déposez-le", "Il est rouvert pour les blocs qui manquent."),
    PathStep.RETURNED: (
        "Complétez votre dossier",
        "L’organisme certificateur vous a rendu votre dépôt. Passé le jour fixé, il peut laisser le jury lire cette "
        "version.",
    ),
    PathStep.DECIDED: ("Le jury a rendu sa décision", _DECIDED),
    PathStep.APPEAL: ("Votre recours est reçu", "L’organisme certificateur vous répond par écrit."),
    PathStep.ABSENT: (
        "Votre absence à l’entretien est notée",
        "La présidence clôt un procès-verbal sans décision : vous ne perdez rien. Votre {own} attend un autre jury, et "
        "l’organisme certificateur vous écrit.",
    ),
    PathStep.NOT_HEARD: (
        "L’entretien n’a pas eu lieu",
        "Le procès-verbal indique votre absence, sans aucune décision : vous ne perdez rien. Votre {own} attend un "
        "autre jury, et l’organisme certificateur vous écrit dès que la date est fixée.",
    ),
    PathStep.SCHEDULE: (
        "Votre {own} attend une date de jury",
        "L’organisme certificateur vous écrit dès qu’elle est fixée.",
    ),
    PathStep.RECORD: ("Le jury n’a pas encore décidé", "Vos résultats s’affichent ici après le jury."),
    PathStep.WRITE: ("Votre dossier n’est pas encore déposé", "Le jury décide sur le dossier que vous lui déposez."),
}


# What the receipt says otherwise: it is the first page after a deposit, and that of a deposit that was replaced.
RECEIPT_STEPS: Mapping[PathStep, tuple[str, str]] = {
    PathStep.SCHEDULE: (
        "C’est déposé",
        "{sent} Un autre vous donnera la date du jury. D’ici là, vous pouvez relire votre dossier et imprimer cette "
        "page.",
    ),
    PathStep.REPLACED: ("Ce dépôt est remplacé", "Le jury lit le dépôt n° {number}, déposé après celui-ci."),
}


# By whether the installation has a mail server: without one, the body hands its letters over.
RECEIPT_SENT = {
    True: "Un courriel vous a été envoyé, qui mène à ce récépissé.",
    False: "L’organisme certificateur vous remet un courrier qui mène à ce récépissé.",
}


def own_step_message(step: PathStep, on: date | None, place: str | None, today: date, own: str) -> tuple[str, str]:
    """Say the next step of a path to its candidate, then why; `on`: the day of the jury, `own`: what it reads."""
    if step is PathStep.HEAR and on is not None:
        return jury_title(on, today), jury_text(on, today, place, own)
    title, text = OWN_STEPS[step]
    return title.format(own=own), text.format(own=own)


def _of(action: NextAction) -> str:
    return f"« {action.competency.text} »" if action.competency else ""


def _piece(action: NextAction) -> str:
    return f"la pièce {action.piece.number}, « {action.piece.piece.title} »" if action.piece else "la pièce"


def _text(action: NextAction) -> str:
    return TEXT_OBJECT[action.text] if action.text else ""


_WAITS = {Reason.DELIBERATED: PathStep.NOTIFY, Reason.ABSENT: PathStep.ABSENT}
TITLES: Mapping[NextStep, Callable[[NextAction], str]] = {
    NextStep.WAIT: lambda action: (
        OWN_STEPS[_WAITS[action.ground]][0] if action.ground in _WAITS else "Votre dossier est déposé"
    ),
    NextStep.READ_RESULTS: lambda action: (
        "L’entretien n’a pas eu lieu" if action.ground is Reason.NOT_HEARD else "Le jury a rendu sa décision"
    ),
    NextStep.ALL_HELD: lambda _: "Tous les blocs demandés vous sont acquis",
    NextStep.DESCRIBE_EXPERIENCE: lambda _: "Décrivez une première expérience",
    NextStep.ADD_FIRST_PIECE: lambda _: "Ajoutez une première preuve",
    NextStep.DESCRIBE_PIECE: lambda action: f"Décrivez {_piece(action)}",
    NextStep.CLAIM_PIECE: lambda action: f"Choisissez ce que montre {_piece(action)}",
    NextStep.ADD_EVIDENCE: lambda action: f"Une preuve pour {_of(action)}",
    NextStep.WRITE_NARRATIVE: lambda action: f"Racontez comment vous savez {_of(action)}",
    NextStep.COMPLETE_NARRATIVE: lambda action: f"Terminez le récit de {_of(action)}",
    NextStep.STRENGTHEN: lambda action: f"Renforcez {_of(action)}",
    NextStep.COMMENT_CLAIMS: lambda action: f"Expliquez ce que montrent vos preuves pour {_of(action)}",
    NextStep.WRITE_TEXT: lambda action: f"Écrivez {_text(action)}",
    NextStep.CORRECT_PASSAGE: lambda action: f"Dites où regarder dans {_piece(action)}",
    NextStep.ANONYMISE: lambda action: f"Masquez les noms dans {_piece(action)}",
    NextStep.SUBMIT: lambda _: "Relisez et déposez votre dossier",
    NextStep.FOLLOW_JURY: lambda action: (
        f"Reprenez {_of(action)}" if action.competency else "Suivez ce que le jury préconise"
    ),
}


def _place(action: NextAction) -> str:
    return f"la compétence {action.competency.label}" if action.competency else "cette compétence"


def _others(action: NextAction, singular: str, plural: str) -> str:
    others = action.left - 1
    return "" if others < 1 else singular if others == 1 else plural.format(n=others)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _after_piece(action: NextAction) -> str:
    missing = missing_message(action.piece.missing) if action.piece else ""
    return " ".join(
        filter(
            None, [missing, _others(action, "Une autre pièce attend ensuite.", "{n} autres pièces attendent ensuite.")]
        )
    )


_WHY: Mapping[tuple[NextStep, Reason], Callable[[NextAction], str]] = {
    (NextStep.WAIT, Reason.SUBMITTED): lambda _: (
        "Vous pouvez tout relire, plus rien ne se modifie. Votre certificateur vous écrit quand la date du "
        "jury est fixée."
    ),
    (NextStep.WAIT, Reason.JURY_PLANNED): lambda _: BEFORE_JURY,
    (NextStep.WAIT, Reason.DELIBERATED): lambda _: OWN_STEPS[PathStep.NOTIFY][1],
    (NextStep.WAIT, Reason.ABSENT): lambda _: OWN_STEPS[PathStep.ABSENT][1].format(own="dossier"),
    (NextStep.READ_RESULTS, Reason.NOT_HEARD): lambda _: (
        "Aucune décision n’a été prise, et rien n’est perdu. Votre dossier attend un autre jury, et l’organisme "
        "certificateur vous écrit dès que la date est fixée."
    ),
    (NextStep.READ_RESULTS, Reason.DECIDED): lambda _: _DECIDED,
    (NextStep.ALL_HELD, Reason.NOTHING_ASKED): lambda _: (
        "Il n’y a plus rien à prouver. La page de vos résultats donne le certificat et la durée de chacun."
    ),
    (NextStep.DESCRIBE_EXPERIENCE, Reason.NOTHING_YET): lambda _: (
        "Un poste, une mission, un engagement bénévole : le jury a besoin de savoir où vous avez appris. "
        "Cinq minutes suffisent pour commencer."
    ),
    (NextStep.ADD_FIRST_PIECE, Reason.NOTHING_YET): lambda action: (
        f"Commencez par ce que vous avez sous la main, par exemple pour {_of(action)}. Une photo prise avec "
        "votre téléphone va très bien."
    ),
    (NextStep.DESCRIBE_PIECE, Reason.UNFINISHED): _after_piece,
    (NextStep.CLAIM_PIECE, Reason.UNFINISHED): lambda action: (
        "Cette pièce est décrite, mais elle n’est encore reliée à aucune compétence. "
        + _others(action, "Une autre pièce est dans le même cas.", "{n} autres pièces sont dans le même cas.")
    ).strip(),
    (NextStep.ADD_EVIDENCE, Reason.LAST_OF_ALL): lambda _: "C’est la dernière compétence sans preuve.",
    (NextStep.ADD_EVIDENCE, Reason.LAST_OF_BLOCK): lambda action: (
        f"C’est la dernière compétence du bloc {action.competency.block if action.competency else ''} sans preuve."
    ),
    (NextStep.ADD_EVIDENCE, Reason.SEVERAL_LEFT): lambda action: (
        f"C’est {_place(action)}. {action.left} compétences attendent encore une preuve : une à la fois suffit."
    ),
    (NextStep.WRITE_NARRATIVE, Reason.SEVERAL_LEFT): lambda action: (
        f"Quatre questions vous guident. {action.left} compétences restent à raconter : une à la fois suffit."
    ),
    (NextStep.WRITE_NARRATIVE, Reason.LAST_OF_ALL): lambda _: (
        "Quatre questions vous guident. C’est le dernier récit à écrire."
    ),
    (NextStep.COMPLETE_NARRATIVE, Reason.UNFINISHED): lambda _: (
        "Vous l’avez commencé : une des quatre questions au moins attend votre réponse."
    ),
    (NextStep.STRENGTHEN, Reason.ADVISOR_NOT_COVERED): lambda _: (
        "La personne qui vous accompagne trouve que cette compétence n’est pas encore couverte. Lisez sa "
        "remarque, puis complétez ou répondez-lui."
    ),
    (NextStep.STRENGTHEN, Reason.ADVISOR_PARTLY): lambda _: (
        "La personne qui vous accompagne la trouve en partie couverte. Lisez sa remarque, puis complétez ou "
        "répondez-lui."
    ),
    (NextStep.COMMENT_CLAIMS, Reason.UNFINISHED): lambda _: (
        "Une phrase par preuve : « On y voit que j’ai… ». Sans elle, le jury cherche seul."
    ),
    (NextStep.FOLLOW_JURY, Reason.JURY_WROTE): lambda action: (
        ("Le jury ne l’a pas trouvée acquise. " if action.competency else "")
        + (f"Il a écrit : « {shortened(action.quoted, 300)} » " if action.quoted else "")
        + "Cochez ce point quand c’est fait."
        + _others(action, " Un autre point attend ensuite.", " {n} autres points attendent ensuite.")
    ),
    (NextStep.WRITE_TEXT, Reason.UNFINISHED): lambda action: TEXT_HELP[action.text] if action.text else "",
    (NextStep.CORRECT_PASSAGE, Reason.UNFINISHED): lambda action: " ".join(
        filter(
            None,
            [
                (
                    f"Pour {_place(action)} : "
                    f"{_lower(citation_error_message(action.misplaced.fault, action.misplaced.measure))}"
                )
                if action.misplaced
                else "",
                _others(
                    action, "Un autre passage est à corriger ensuite.", "{n} autres passages sont à corriger ensuite."
                ),
            ],
        )
    ),
    (NextStep.ANONYMISE, Reason.UNFINISHED): lambda _: (
        "Un nom se cherche et se cache partout dans le fichier. C’est la dernière chose avant le dépôt."
    ),
    (NextStep.SUBMIT, Reason.ALL_DONE): lambda _: (
        "Tout est là. Une liste de vérification vous accompagne, puis le dépôt fige votre dossier : c’est "
        "lui que le jury lit."
    ),
}


GAPS: Mapping[Gap, Callable[[MissingItem], str]] = {
    Gap.NOTHING_TO_PROVE: lambda _: "Tous les blocs demandés vous sont déjà acquis : il n’y a rien à déposer.",
    Gap.NO_EXPERIENCE: lambda _: "Décrivez au moins une expérience.",
    Gap.EMPTY_COMPETENCY: lambda item: f"{_named(item)} : ni récit ni preuve. Le jury n’aurait rien à lire.",
    Gap.PIECE_NOT_SWORN: lambda item: f"{_numbered(item)} : {_lowered(missing_message(item.facts))}",
    Gap.PASSAGE_MISPLACED: lambda item: misplaced_message(item.misplaced) if item.misplaced else "",
    Gap.PIECE_UNPRINTABLE: lambda item: unprinted_message(item.unprinted) if item.unprinted else "",
    Gap.PAGES_UNPRINTABLE: lambda item: unprinted_message(item.unprinted) if item.unprinted else "",
    Gap.NO_CLAIM: lambda item: f"{_named(item)} : aucune preuve. Vous pourrez en parler à l’entretien.",
    Gap.NO_NARRATIVE: lambda item: f"{_named(item)} : pas de récit. Le jury ne lira que vos preuves.",
    Gap.EMPTY_PROMPTS: lambda item: f"{_named(item)} : une question du récit reste sans réponse.",
    Gap.NO_COMMENT: lambda item: f"{_named(item)} : une preuve n’est pas commentée.",
    Gap.PIECE_UNDESCRIBED: lambda item: f"{_numbered(item)} : {_lowered(missing_message(item.facts))}",
    Gap.PIECE_UNUSED: lambda item: f"{_numbered(item)} n’est reliée à aucune compétence.",
    Gap.EMPTY_TEXT: lambda item: f"{TEXTS[item.text] if item.text else ''} : ce texte est vide.",
    Gap.REQUIRED_TEXT: lambda item: f"{_part(item)} : l’organisme certificateur demande ce texte.",
    Gap.REQUIRED_NARRATIVE: lambda item: f"{_named(item)} : l’organisme certificateur demande un récit.",
    Gap.TOO_LONG: lambda item: f"{_named(item) or _part(item)} : {_length(item)}",
}


def missing_item_message(item: MissingItem) -> str:
    """Say one thing that a submission lacks."""
    return GAPS[item.gap](item)


_PAGES_NAMED = 8


def unprinted_message(found: UnprintedPiece) -> str:
    """Say which pages of a piece no book prints, and what mends it."""
    name = f"Pièce {found.piece.number}, «{NBSP}{found.piece.piece.title}{NBSP}»"
    mended = "Ouvrez le fichier dans votre logiciel, enregistrez-le en PDF, puis remplacez-le ici."
    if found.is_whole:
        return f"{name}{NBSP}: aucune page ne peut être imprimée, le jury n’en verrait rien. {mended}"
    numbers = [str(page) for page in found.unprinted[:_PAGES_NAMED]]
    numbers += ["d’autres"] if len(found.unprinted) > _PAGES_NAMED else []
    pages = f"sa page{NBSP}{numbers[0]}" if len(numbers) == 1 else f"ses pages{NBSP}{enumeration(numbers)}"
    return f"{name}{NBSP}: le livret ne pourra pas imprimer {pages}. {mended}"


def misplaced_message(citation: MisplacedCitation) -> str:
    """Say which passage does not fit the file of its piece, and why."""
    fault = citation_error_message(citation.fault, citation.measure)
    return (
        f"Compétence {citation.competency.label}, pièce {citation.piece.number}, "
        f"« {citation.piece.piece.title} » : "
        f"{_lowered(fault)}"
    )


def _part(item: MissingItem) -> str:
    return part_title(item.section) if item.section else ""


def _length(item: MissingItem) -> str:
    return f"{length_message(item.section)} {written_message(item.section, item.words)}" if item.section else ""


def _named(item: MissingItem) -> str:
    return f"Compétence {item.competency.label}, « {item.competency.text} »" if item.competency else ""


def _numbered(item: MissingItem) -> str:
    return f"Pièce {item.piece.number}, « {item.piece.piece.title} »" if item.piece else ""


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def pace_message(steps: int, until: date | None, today: date) -> str:
    """Return how long the next step takes, how many are left, and how many a week lead to the chosen day."""
    return f"{STEP_MINUTES}{NBSP}min, {steps_left_message(steps, until, today)}"


def steps_left_message(steps: int, until: date | None, today: date) -> str:
    """Return how many steps are left, and how many a week lead to the chosen day."""
    left = f"{count(steps, 'étape')} jusqu’au dépôt"
    if until is None or until <= today:
        return left
    return f"{left}{NBSP}: {steps_a_week(steps, today, until)} par semaine, pour le {date_fr(until)}"
