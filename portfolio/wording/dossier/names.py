"""The words for states, prompts, texts and stages of the draft.

Why a write into the draft is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from portfolio.domain.candidacy.rules.deadlines import DeadlineKind, Regime, deadlines_for
from portfolio.domain.dossier.rules.draft import (
    CompetencyFact,
    Coverage,
    CoverageState,
    DossierRefusal,
    DossierState,
    Draft,
    GeneralText,
    MissingPart,
)
from portfolio.domain.dossier.rules.rehearsal import RehearsalKind, RehearsalQuestion, RehearsalRefusal
from portfolio.domain.holdings.use_cases.holdings import HeldBlock
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.french_text import date_fr, enumeration

COVERAGE: Mapping[CoverageState, str] = {
    CoverageState.NONE: "sans preuve",
    CoverageState.CLAIMED: "preuve proposée",
    CoverageState.PARTLY: "en partie couverte",
    CoverageState.COVERED: "couverte",
    CoverageState.NOT_COVERED: "pas encore couverte",
    CoverageState.OUTDATED: "nouvel avis attendu",
}

MISSING_PARTS: Mapping[MissingPart, str] = {
    MissingPart.CLAIM: "aucune preuve",
    MissingPart.NARRATIVE: "pas encore de récit",
    MissingPart.PROMPTS: "récit à compléter",
    MissingPart.COMMENT: "preuve à commenter",
    MissingPart.DESCRIPTION: "pièce à décrire",
}

# The glyph of what the jury found on a competency, and its words, after the notification.
FOUND: Mapping[FindingValue, tuple[str, str]] = {
    FindingValue.ACQUIRED: ("held", "acquise, selon le jury"),
    FindingValue.PARTIALLY: ("part", "partiellement acquise, selon le jury"),
    FindingValue.NOT_ACQUIRED: ("uncovered", "non acquise, selon le jury"),
}

PROMPTS: Mapping[str, str] = {
    "situation": "La situation",
    "actions": "Ce que j’ai fait",
    "choices": "Pourquoi et comment j’ai choisi",
    "result": "Ce qui en est sorti",
}
PROMPT_HELP: Mapping[str, str] = {
    "situation": (
        "Où étiez-vous, avec qui, quel était le besoin ? Deux ou trois phrases suffisent pour planter le décor."
    ),
    "actions": ("Racontez dans l’ordre, comme à un collègue : j’ai appelé, j’ai comparé, j’ai rédigé… Dites « je »."),
    "choices": "Quelles possibilités aviez-vous ? Qu’est-ce qui vous a décidé ? Qu’auriez-vous évité ?",
    "result": (
        "Qu’est-ce qui a changé ? Un chiffre, un délai, un retour, ou ce que vous feriez autrement aujourd’hui."
    ),
}

TEXTS: Mapping[GeneralText, str] = {
    GeneralText.CAREER: "Mon parcours",
    GeneralText.MOTIVATION: "Ma motivation",
    GeneralText.CONCLUSION: "Ma conclusion",
}
TEXT_HELP: Mapping[GeneralText, str] = {
    GeneralText.CAREER: ("Vos grandes étapes, dans l’ordre : métiers, changements, formations. Une page suffit."),
    GeneralText.MOTIVATION: "Pourquoi cette certification, et pourquoi maintenant ?",
    GeneralText.CONCLUSION: (
        "Écrivez-la en dernier. Qu’avez-vous appris, que savez-vous faire, et que ferez-vous ensuite ?"
    ),
}
TEXT_OBJECT: Mapping[GeneralText, str] = {
    GeneralText.CAREER: "votre parcours",
    GeneralText.MOTIVATION: "votre motivation",
    GeneralText.CONCLUSION: "votre conclusion",
}


def hint_of(coverage: Coverage) -> str:
    """Say in a few words what a competency still lacks beside evidence; nothing when it lacks nothing."""
    labels = [MISSING_PARTS[part] for part in coverage.missing_parts if part is not MissingPart.CLAIM]
    text = ", ".join(labels)
    return text[:1].upper() + text[1:]


def tally_message(state: str, number: int) -> str:
    """Say how many competencies are in a state: « 2 couvertes », « 2 en partie couvertes »."""
    plural = state + "s" if number > 1 and state.endswith(("couverte", "proposée")) else state
    return f"{number} {plural.replace('preuve proposées', 'preuves proposées')}"


def place_message(fact: CompetencyFact) -> str:
    """Say in which block a competency is, and the state of its evidence."""
    return f"Bloc {fact.block}, {COVERAGE[fact.coverage.state]}"


def summary_of(draft: Draft, advisor: str | None) -> str:
    """Say in a sentence or two what the matrix draws: how much has evidence, how much is covered, and the
    gaps by name.
    """
    facts = draft.competencies
    gaps = [fact.label for fact in facts if fact.coverage.state is CoverageState.NONE]
    proved, covered = (len(facts) - len(gaps), sum(fact.coverage.state is CoverageState.COVERED for fact in facts))
    if not proved:
        named = f"les {len(facts)} compétences" if len(facts) > 1 else "la compétence"
        return f"Voici {named} à montrer. Un cercle se remplit dès qu’une preuve est proposée."
    sentence = f"Une preuve est proposée pour {proved} compétence{_s(proved)} sur {len(facts)}"
    if covered and advisor:
        sentence += (
            f", {covered} {'sont' if covered > 1 else 'est'} jugée{_s(covered)} couverte{_s(covered)} par {advisor}"
        )
    return f"{sentence}. Sans preuve\u00a0: {_named(gaps)}." if gaps else f"{sentence}."


def found_summary(findings: Sequence[FindingValue]) -> str:
    """Say how many competencies of the blocks that are not acquired the jury found acquired."""
    acquired = sum(finding is FindingValue.ACQUIRED for finding in findings)
    total = len(findings)
    clause = (
        f"{acquired} compétence est notée acquise" if acquired == 1 else f"{acquired} compétences sont notées acquises"
    )
    some = clause if acquired else "aucune compétence n’est notée acquise"
    return f"Dans les blocs qui ne sont pas acquis, {some} par le jury, sur {total}."


def held_on_a_card(held: HeldBlock, href: str | None, *, is_over: bool) -> dict[str, Any]:
    """Return a block held as the cards show it: since when, until when, whether that day has passed."""
    return {"on": date_fr(held.granted_on), "href": href, "until": date_fr(held.until), "is_over": is_over}


def finding_context(state: DossierState, finding: FindingValue | None) -> dict[str, str]:
    """Return what the jury's finding changes in the drawing of a competency; nothing without one.

    In a dossier that is open again the evidence is drawn, and the finding is recalled beside.
    """
    if finding is None:
        return {}
    glyph, words = FOUND[finding]
    if state is DossierState.SUBMITTED:
        return {"state": glyph, "state_label": words}
    return {"found": f"{words[:1].upper()}{words[1:]}"}


def _named(labels: list[str]) -> str:
    """« 2.2, 4.1 et 4.2 »; beyond a few, the others are counted."""
    if len(labels) > NAMED:
        labels = [*labels[: NAMED - 1], f"{len(labels) - NAMED + 1} autres"]
    return enumeration(labels)


def _s(number: int) -> str:
    return "s" if number > 1 else ""


# Gaps named one by one in the summary; the others are counted.
NAMED = 6


def progress_steps(path: Any, submitted_on: date | None = None) -> list[dict[str, str | None]]:
    """Say the stages of a candidacy (a `Progress` of the services), each done, here or to come, with its date."""
    here = _here(path)
    dates = (
        date_fr(path.admissible_on),
        "à votre rythme" if here == 1 else None,
        date_fr(path.submitted_at) if here > 2 else None,
        _jury(path, here, submitted_on),
        "bloc par bloc" if here < 4 else None,
    )
    states = ("done" if place < here else "here" if place == here else "todo" for place in range(len(STAGES)))
    return [
        {"label": label, "state": state, "date": date_text}
        for label, state, date_text in zip(STAGES, states, dates, strict=True)
    ]


def _jury(path: Any, here: int, submitted_on: date | None) -> str | None:
    """Return the day of the jury; before it is known, the delay that the law sets, when the candidacy has one
    (R6412-5).
    """
    if path.heard_on and here >= 2:
        return date_fr(path.heard_on)
    if submitted_on and here == 3:
        clocks = {clock.kind: clock for clock in deadlines_for(path.regime, path.admissible_on, submitted_on)}
        if DeadlineKind.JURY in clocks:
            return f"avant le {date_fr(clocks[DeadlineKind.JURY].until)}"
    if here == 3:
        return "date à fixer"
    return "dans les trois mois du dépôt" if path.regime is Regime.FRANCE_VAE and here < 2 else None


STAGES = ("Recevable", "Rédaction", "Dépôt", "Jury", "Certificats")


def _here(path: Any) -> int:
    if path.state is DossierState.DRAFT:
        return 1
    return 4 if path.closed_at and not path.unnotified and not path.absent else 3


REFUSALS: Mapping[StrEnum, Callable[[dict[str, Any]], str]] = {
    DossierRefusal.SEALED: lambda _: "Votre dossier est déposé : il se lit encore, mais ne se modifie plus.",
    DossierRefusal.NOT_IN_SCOPE: lambda _: (
        "Cette compétence ne fait pas partie de votre candidature. Choisissez-en une dans votre dossier."
    ),
    DossierRefusal.HELD: lambda facts: (
        f"Le bloc {facts.get('block', '')} est acquis : il n’y a rien à prouver pour lui."
    ),
    DossierRefusal.SUSPENDED: lambda facts: (
        f"Le bloc {facts.get('block', '')} est suspendu : ni acquis ni perdu. Attendez la décision de "
        "l’organisme certificateur pour le présenter. D’ici là, ses textes et ses preuves ne changent pas."
    ),
    DossierRefusal.ATTACHED: lambda facts: (
        f"Une pièce de cette expérience montre une compétence du bloc {facts.get('block', '')}, suspendu. "
        "L’expérience reste en place jusqu’à la décision de l’organisme certificateur."
    ),
    DossierRefusal.NOT_YOURS: lambda _: (
        "Cet élément ne fait pas partie de votre dossier. Revenez à la liste et choisissez de nouveau."
    ),
    DossierRefusal.REMOVED: lambda _: "Cet élément a été retiré entre-temps. Revenez à la liste : le reste est intact.",
    DossierRefusal.ALREADY_CLAIMED: lambda facts: (
        f"Cette pièce est déjà proposée pour la compétence {facts.get('competency', '')}. Modifiez son "
        "commentaire au lieu de l’ajouter de nouveau."
    ),
    DossierRefusal.NOTHING_DECIDED: lambda _: (
        "Aucun jury n’a encore décidé : le premier dépôt présente tous les blocs que vous demandez."
    ),
    DossierRefusal.ONE_BLOCK_LEFT: lambda _: (
        "Gardez au moins un bloc à présenter. Choisissez lequel, puis remettez les autres."
    ),
    DossierRefusal.MEETING_BEFORE_JURY: lambda facts: (
        f"Le jury a décidé le {date_fr(date.fromisoformat(facts['day']))} : l’entretien a lieu ce jour-là ou après."
    ),
    DossierRefusal.MEETING_TOMORROW: lambda _: "Cette date est à venir. Notez l’entretien quand il a eu lieu.",
    RehearsalRefusal.NO_SOUND: lambda _: "Enregistrez votre voix, ou choisissez un fichier son (WebM, Ogg ou M4A).",
    RehearsalRefusal.TOO_LONG: lambda _: (
        "Cette réponse dure plus de trois minutes. Enregistrez-la de nouveau, en plus court."
    ),
}

_QUESTIONS: Mapping[RehearsalKind, str] = {
    RehearsalKind.SAYS_WE: "Votre récit dit « nous ». Qu’avez-vous fait, vous-même ?",
    RehearsalKind.NO_FIGURE: "Quel chiffre montre le résultat : un délai, un coût, un nombre ?",
    RehearsalKind.OLD_PIECE: "Cette pièce a plus de cinq ans. Que feriez-vous aujourd’hui ?",
    RehearsalKind.NO_CHOICE: "Quelles autres solutions aviez-vous ? Pourquoi avez-vous choisi la vôtre ?",
    RehearsalKind.TELL: "Racontez une situation précise, comme si le jury n’avait rien lu.",
}
QUESTION_GONE = "Votre livret a changé : cette question n’est plus posée. Choisissez-en une ci-dessous."
# A voice put in writing.
VOICE_BUSY = "Acquis écrit déjà le texte d’un autre enregistrement. Recommencez dans une minute."
VOICE_TOO_LONG = "Cet enregistrement dure plus de trois minutes. Parlez en plusieurs fois."
VOICE_UNREAD = "Acquis n’a pas pu écrire le texte de cet enregistrement. Rien n’est gardé : recommencez, ou écrivez."


def question_parts(question: RehearsalQuestion) -> tuple[str, str]:
    """Return the competency or the piece that a question is about, and the question."""
    is_piece = question.kind is RehearsalKind.OLD_PIECE
    about = f"Pièce {question.label}, « {question.text} »" if is_piece else f"{question.label} {question.text}"
    return about, _QUESTIONS[question.kind]


def question_message(question: RehearsalQuestion) -> str:
    """Return the question with what it is about, as its answer keeps it."""
    return ". ".join(question_parts(question))
