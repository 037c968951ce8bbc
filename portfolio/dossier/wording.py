"""What is said, in French, about the draft of the livret 2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from portfolio.dossier.rules import (
    Coverage,
    CoverageState,
    DossierRefusal,
    DossierState,
    Gap,
    Ground,
    Lack,
    MissingItem,
    NextAction,
    OwnText,
    Step,
    Theme,
)
from portfolio.evidence.wording import missing_sentence
from portfolio.web.filters import day

COVERAGE: Mapping[CoverageState, str] = {
    CoverageState.NONE: "sans preuve",
    CoverageState.CLAIMED: "preuve proposée",
    CoverageState.PARTLY: "en partie couverte",
    CoverageState.COVERED: "couverte",
    CoverageState.NOT_COVERED: "pas encore couverte",
    CoverageState.OUTDATED: "avis à revoir",
}

LACKS: Mapping[Lack, str] = {
    Lack.CLAIM: "aucune preuve",
    Lack.NARRATIVE: "pas encore de récit",
    Lack.PROMPTS: "récit à compléter",
    Lack.COMMENT: "preuve à commenter",
    Lack.DESCRIPTION: "pièce à décrire",
}

PROMPTS: Mapping[str, str] = {
    "situation": "La situation",
    "actions": "Ce que j’ai fait",
    "choices": "Pourquoi et comment j’ai choisi",
    "result": "Ce qui en est sorti",
}
PROMPT_HELP: Mapping[str, str] = {
    "situation": "Où étiez-vous, avec qui, quel était le besoin ? Deux ou trois phrases suffisent pour planter le décor.",
    "actions": "Racontez dans l’ordre, comme à un collègue : j’ai appelé, j’ai comparé, j’ai rédigé… Dites « je ».",
    "choices": "Quelles possibilités aviez-vous ? Qu’est-ce qui vous a décidé ? Qu’auriez-vous évité ?",
    "result": "Qu’est-ce qui a changé ? Un chiffre, un délai, un retour, ou ce que vous feriez autrement aujourd’hui.",
}

TEXTS: Mapping[OwnText, str] = {
    OwnText.CAREER: "Mon parcours",
    OwnText.MOTIVATION: "Ma motivation",
    OwnText.CONCLUSION: "Ma conclusion",
}
TEXT_HELP: Mapping[OwnText, str] = {
    OwnText.CAREER: "Vos grandes étapes, dans l’ordre : métiers, changements, formations. Une page suffit.",
    OwnText.MOTIVATION: "Pourquoi cette certification, et pourquoi maintenant ?",
    OwnText.CONCLUSION: "Écrite en dernier : ce que ce travail vous a appris, ce que vous savez faire, ce que vous en ferez.",
}
TEXT_OBJECT: Mapping[OwnText, str] = {
    OwnText.CAREER: "votre parcours",
    OwnText.MOTIVATION: "votre motivation",
    OwnText.CONCLUSION: "votre conclusion",
}

# Which pieces often serve, and the question that a competency puts in plain words.
SERVING: Mapping[Theme, str] = {
    Theme.WATCH: (
        "Une liste de sources suivies, une note de veille ou une lettre d’information que vous rédigez peuvent convenir."
    ),
    Theme.PEOPLE: "Un organigramme, un budget d’embauche, une fiche de poste ou un planning de charge peuvent convenir.",
    Theme.DATA: (
        "Un tableau de bord, un relevé de statistiques ou une enquête, avec la décision qui en est sortie, peuvent convenir."
    ),
    Theme.PARTNERS: "Une consultation, un comparatif de devis, un contrat ou un compte rendu de négociation peuvent convenir.",
    Theme.CHANGE: "Un plan d’accompagnement, un support de formation interne ou un compte rendu d’atelier peuvent convenir.",
    Theme.NETWORKS: "Une ligne éditoriale, un calendrier de publication ou les statistiques d’une page peuvent convenir.",
    Theme.CONTENT: (
        "Des contenus publiés, un calendrier éditorial ou un même sujet décliné sur plusieurs supports peuvent convenir."
    ),
    Theme.MARKETING: "Un plan de communication, un budget de campagne ou un bilan d’actions peuvent convenir.",
    Theme.STRATEGY: (
        "Une étude de marché, une note de stratégie ou une présentation défendue devant une direction peuvent convenir."
    ),
    Theme.OFFER: "Un cahier des charges, une proposition chiffrée ou une maquette peuvent convenir.",
    Theme.PROJECT: "Un planning, un tableau de suivi, un compte rendu de réunion ou un bilan de projet peuvent convenir.",
    Theme.TEACHING: "Un déroulé de séance, un support de formation ou des évaluations de participants peuvent convenir.",
    Theme.CARE: (
        "Un projet d’accompagnement anonymisé, un planning d’activités ou une attestation de votre responsable peuvent convenir."
    ),
    Theme.SAFETY: "Une procédure, un relevé de contrôle ou un plan d’actions peuvent convenir.",
    Theme.SALES: "Une proposition commerciale, un suivi de clientèle ou un bilan de ventes peuvent convenir.",
    Theme.ANY: "Un document de travail, un compte rendu ou l’attestation d’un employeur peuvent convenir.",
}
PLAINLY: Mapping[Theme, str] = {
    Theme.WATCH: "Comment vous tenez-vous au courant, où cherchez-vous, et qu’en faites-vous ?",
    Theme.PEOPLE: "De quelles personnes le travail avait-il besoin, et comment l’avez-vous estimé ?",
    Theme.DATA: "Quels chiffres ou quels retours avez-vous recueillis, et qu’avez-vous changé grâce à eux ?",
    Theme.PARTNERS: "Comment avez-vous choisi ceux qui ont travaillé pour vous, et sur quoi vous êtes-vous mis d’accord ?",
    Theme.CHANGE: "Qui devait changer ses habitudes, et comment l’y avez-vous aidé ?",
    Theme.NETWORKS: "Où fallait-il être présent, pour qui, et avec quels moyens ?",
    Theme.CONTENT: "Qu’avez-vous écrit, filmé ou dessiné, et comment l’avez-vous adapté à chaque support ?",
    Theme.MARKETING: "À qui vouliez-vous parler, par quels moyens, avec quel budget ?",
    Theme.STRATEGY: "Quelle direction avez-vous proposée, pourquoi celle-là, et comment l’avez-vous défendue ?",
    Theme.OFFER: "Qu’avez-vous proposé, pour répondre à quel besoin et à quelles contraintes ?",
    Theme.PROJECT: "Comment avez-vous réparti le travail, suivi son avancée, et réagi aux imprévus ?",
    Theme.TEACHING: "À qui avez-vous appris quelque chose, comment, et comment savez-vous qu’ils l’ont appris ?",
    Theme.CARE: "De qui vous êtes-vous occupé, et comment avez-vous adapté ce que vous faisiez ?",
    Theme.SAFETY: "Quel risque fallait-il éviter, et qu’avez-vous mis en place ?",
    Theme.SALES: "Que cherchait la personne, et comment l’avez-vous amenée à décider ?",
    Theme.ANY: "Quand avez-vous fait cela, et comment vous y êtes-vous pris ?",
}

# What the button of the next action says.
NEXT_LABELS: Mapping[Step, str] = {
    Step.READ_RESULTS: "Lire mes résultats",
    Step.DESCRIBE_EXPERIENCE: "Décrire une expérience",
    Step.ADD_FIRST_PIECE: "Ajouter une preuve",
    Step.DESCRIBE_PIECE: "Décrire cette pièce",
    Step.CLAIM_PIECE: "Choisir les compétences",
    Step.ADD_EVIDENCE: "Ajouter une preuve",
    Step.WRITE_NARRATIVE: "Commencer le récit",
    Step.COMPLETE_NARRATIVE: "Continuer le récit",
    Step.STRENGTHEN: "Lire la remarque",
    Step.COMMENT_CLAIMS: "Commenter",
    Step.WRITE_TEXT: "Écrire",
    Step.ANONYMISE: "Remplacer le fichier",
    Step.SUBMIT: "Préparer le dépôt",
}

REFUSALS: dict[DossierRefusal, Callable[[dict[str, Any]], str]] = {
    DossierRefusal.SEALED: lambda _: "Votre dossier est déposé : il se lit encore, mais ne se modifie plus.",
    DossierRefusal.NOT_IN_SCOPE: lambda _: (
        "Cette compétence ne fait pas partie de votre candidature. Choisissez-en une dans votre dossier."
    ),
    DossierRefusal.HELD: lambda facts: (
        f"Le bloc {facts.get('block', '')} vous est acquis définitivement : il n’y a plus rien à prouver pour lui."
    ),
    DossierRefusal.NOT_YOURS: lambda _: (
        "Cet élément ne fait pas partie de votre dossier. Revenez à la liste et choisissez de nouveau."
    ),
    DossierRefusal.REMOVED: lambda _: "Cet élément a été retiré entre-temps. Revenez à la liste : le reste est intact.",
    DossierRefusal.ALREADY_CLAIMED: lambda facts: (
        f"Cette pièce est déjà proposée pour la compétence {facts.get('competency', '')}. Modifiez ce qui en est dit, "
        f"plutôt que de l’ajouter."
    ),
}


def hint_of(coverage: Coverage) -> str:
    """Say in a few words what a competency still lacks beside evidence; nothing when it lacks nothing."""
    lacks = [LACKS[lack] for lack in coverage.lacks if lack is not Lack.CLAIM]
    said = ", ".join(lacks)
    return said[:1].upper() + said[1:]


def next_title(action: NextAction) -> str:
    """Say the next action in one sentence that names what it is about."""
    return _TITLES[action.step](action)


def next_text(action: NextAction) -> str:
    """Say why this action, and what could serve."""
    why = _WHY.get((action.step, action.ground))
    sentences = [why(action)] if why else []
    if action.step in (Step.ADD_FIRST_PIECE, Step.ADD_EVIDENCE):
        sentences.append(SERVING[action.theme])
    return " ".join(sentence for sentence in sentences if sentence)


def jury_title(on: date) -> str:
    """Say the day on which the jury hears the candidate: it takes the place of « Votre dossier est déposé »."""
    return f"Le jury vous entend le {day(on)}"


def _of(action: NextAction) -> str:
    return f"« {action.competency.text} »" if action.competency else ""


def _piece(action: NextAction) -> str:
    return f"la pièce {action.piece.number}, « {action.piece.piece.title} »" if action.piece else "la pièce"


def _text(action: NextAction) -> str:
    return TEXT_OBJECT[action.text] if action.text else ""


_TITLES: Mapping[Step, Callable[[NextAction], str]] = {
    Step.WAIT: lambda _: "Votre dossier est déposé",
    Step.READ_RESULTS: lambda _: "Le jury a rendu sa décision",
    Step.ALL_HELD: lambda _: "Tous les blocs demandés vous sont acquis",
    Step.DESCRIBE_EXPERIENCE: lambda _: "Décrivez une première expérience",
    Step.ADD_FIRST_PIECE: lambda _: "Ajoutez une première preuve",
    Step.DESCRIBE_PIECE: lambda action: f"Décrivez {_piece(action)}",
    Step.CLAIM_PIECE: lambda action: f"Dites ce que montre {_piece(action)}",
    Step.ADD_EVIDENCE: lambda action: f"Une preuve pour {_of(action)}",
    Step.WRITE_NARRATIVE: lambda action: f"Racontez comment vous savez {_of(action)}",
    Step.COMPLETE_NARRATIVE: lambda action: f"Terminez le récit de {_of(action)}",
    Step.STRENGTHEN: lambda action: f"Renforcez {_of(action)}",
    Step.COMMENT_CLAIMS: lambda action: f"Dites en quoi vos preuves montrent {_of(action)}",
    Step.WRITE_TEXT: lambda action: f"Écrivez {_text(action)}",
    Step.ANONYMISE: lambda action: f"Masquez les noms dans {_piece(action)}",
    Step.SUBMIT: lambda _: "Relisez et déposez votre dossier",
}


def _place(action: NextAction) -> str:
    return f"la compétence {action.competency.label}" if action.competency else "cette compétence"


def _others(action: NextAction, one: str, many: str) -> str:
    others = action.left - 1
    return "" if others < 1 else one if others == 1 else many.format(n=others)


def _after_piece(action: NextAction) -> str:
    missing = missing_sentence(action.piece.missing) if action.piece else ""
    return " ".join(
        filter(None, [missing, _others(action, "Une autre pièce attend ensuite.", "{n} autres pièces attendent ensuite.")])
    )


_WHY: Mapping[tuple[Step, Ground], Callable[[NextAction], str]] = {
    (Step.WAIT, Ground.SUBMITTED): lambda _: (
        "Vous pouvez tout relire, plus rien ne se modifie. Votre certificateur vous écrit quand la date du jury est fixée."
    ),
    (Step.WAIT, Ground.JURY_PLANNED): lambda _: "D’ici là, relisez votre dossier : c’est de lui que vous parlerez.",
    (Step.READ_RESULTS, Ground.DECIDED): lambda _: (
        "Bloc par bloc, lisez ce qui vous est acquis et, s’il y a lieu, ce qui reste à montrer."
    ),
    (Step.ALL_HELD, Ground.NOTHING_ASKED): lambda _: "Ils le restent sans limite de durée. Il n’y a plus rien à prouver.",
    (Step.DESCRIBE_EXPERIENCE, Ground.NOTHING_YET): lambda _: (
        "Un poste, une mission, un engagement bénévole : le jury a besoin de savoir où vous avez appris. Cinq "
        "minutes suffisent pour commencer."
    ),
    (Step.ADD_FIRST_PIECE, Ground.NOTHING_YET): lambda action: (
        f"Commencez par ce que vous avez sous la main, par exemple pour {_of(action)}. Une photo prise avec votre "
        f"téléphone va très bien."
    ),
    (Step.DESCRIBE_PIECE, Ground.UNFINISHED): _after_piece,
    (Step.CLAIM_PIECE, Ground.UNFINISHED): lambda action: (
        "Elle est décrite, mais ne sert encore aucune compétence. "
        + _others(action, "Une autre pièce est dans le même cas.", "{n} autres pièces sont dans le même cas.")
    ).strip(),
    (Step.ADD_EVIDENCE, Ground.LAST_OF_ALL): lambda _: "C’est la dernière compétence sans preuve.",
    (Step.ADD_EVIDENCE, Ground.LAST_OF_BLOCK): lambda action: (
        f"C’est la dernière compétence du bloc {action.competency.block if action.competency else ''} sans preuve."
    ),
    (Step.ADD_EVIDENCE, Ground.SEVERAL_LEFT): lambda action: (
        f"C’est {_place(action)}. {action.left} compétences attendent encore une preuve : une à la fois suffit."
    ),
    (Step.WRITE_NARRATIVE, Ground.SEVERAL_LEFT): lambda action: (
        f"Quatre questions vous guident. {action.left} compétences restent à raconter : une à la fois suffit."
    ),
    (Step.WRITE_NARRATIVE, Ground.LAST_OF_ALL): lambda _: "Quatre questions vous guident. C’est le dernier récit à écrire.",
    (Step.COMPLETE_NARRATIVE, Ground.UNFINISHED): lambda _: (
        "Vous l’avez commencé : une des quatre questions au moins attend votre réponse."
    ),
    (Step.STRENGTHEN, Ground.ADVISOR_NOT_COVERED): lambda _: (
        "La personne qui vous accompagne trouve que cette compétence n’est pas encore couverte. Lisez sa remarque, "
        "puis complétez ou répondez-lui."
    ),
    (Step.STRENGTHEN, Ground.ADVISOR_PARTLY): lambda _: (
        "La personne qui vous accompagne la trouve en partie couverte. Lisez sa remarque, puis complétez ou répondez-lui."
    ),
    (Step.COMMENT_CLAIMS, Ground.UNFINISHED): lambda _: (
        "Une phrase par preuve : « On y voit que j’ai… ». Sans elle, le jury cherche seul."
    ),
    (Step.WRITE_TEXT, Ground.UNFINISHED): lambda action: TEXT_HELP[action.text] if action.text else "",
    (Step.ANONYMISE, Ground.UNFINISHED): lambda _: (
        "Masquez-les sur votre appareil, puis remplacez le fichier. C’est la dernière chose avant le dépôt."
    ),
    (Step.SUBMIT, Ground.ALL_DONE): lambda _: (
        "Tout est là. Une liste de vérification vous accompagne, puis le dépôt fige votre dossier : c’est lui que le jury lit."
    ),
}

_GAPS: Mapping[Gap, Callable[[MissingItem], str]] = {
    Gap.NOTHING_TO_PROVE: lambda _: "Tous les blocs demandés vous sont déjà acquis : il n’y a rien à déposer.",
    Gap.NO_EXPERIENCE: lambda _: "Décrivez au moins une expérience.",
    Gap.EMPTY_COMPETENCY: lambda item: f"{_named(item)} : ni récit ni preuve. Le jury n’aurait rien à lire.",
    Gap.PIECE_NOT_SWORN: lambda item: f"{_numbered(item)} : {_lowered(missing_sentence(item.facts))}",
    Gap.NO_CLAIM: lambda item: f"{_named(item)} : aucune preuve. Vous pourrez en parler à l’entretien.",
    Gap.NO_NARRATIVE: lambda item: f"{_named(item)} : pas de récit. Le jury ne lira que vos preuves.",
    Gap.EMPTY_PROMPTS: lambda item: f"{_named(item)} : une question du récit reste sans réponse.",
    Gap.NO_COMMENT: lambda item: f"{_named(item)} : une preuve n’est pas commentée.",
    Gap.PIECE_UNDESCRIBED: lambda item: f"{_numbered(item)} : {_lowered(missing_sentence(item.facts))}",
    Gap.PIECE_UNUSED: lambda item: f"{_numbered(item)} ne sert aucune compétence.",
    Gap.EMPTY_TEXT: lambda item: f"{TEXTS[item.text] if item.text else ''} : ce texte est vide.",
}


def missing_item_sentence(item: MissingItem) -> str:
    """Say one thing that a submission lacks."""
    return _GAPS[item.gap](item)


def _named(item: MissingItem) -> str:
    return f"Compétence {item.competency.label}, « {item.competency.text} »" if item.competency else ""


def _numbered(item: MissingItem) -> str:
    return f"Pièce {item.piece.number}, « {item.piece.piece.title} »" if item.piece else ""


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def path_steps(path: Any) -> list[dict[str, str | None]]:
    """Say the stages of a candidacy (a `Path` of the services), each done, here or to come, with its date."""
    here = _here(path)
    dates = (
        day(path.admissible_on),
        "à votre rythme" if here == 1 else None,
        day(path.submitted_at) if here > 2 else None,
        day(path.heard_on) if path.heard_on and here >= 2 else None,
        "acquis définitivement" if here < 4 else None,
    )
    states = ("done" if place < here else "here" if place == here else "todo" for place in range(len(STAGES)))
    return [{"label": label, "state": state, "date": said} for label, state, said in zip(STAGES, states, dates, strict=True)]


STAGES = ("Recevable", "Rédaction", "Dépôt", "Jury", "Certificats")


def _here(path: Any) -> int:
    if path.state is DossierState.DRAFT:
        return 1
    return 4 if path.closed_at else 3
