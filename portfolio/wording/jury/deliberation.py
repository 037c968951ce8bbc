"""French sentences of findings and decisions, what they lack, and why a use case refuses, in French."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from portfolio.domain.certification.rules.jury_rule import DecisionRule
from portfolio.domain.jury.rules.composition import Predicate, PredicateId, predicate_of
from portfolio.domain.jury.rules.deliberation import (
    ClosingError,
    ClosingErrorCode,
    ConsistencyAnswer,
    DecidingValue,
    DecisionRecord,
    Votes,
)
from portfolio.domain.jury.rules.enums import JuryRefusal, Outcome, PresidencyVote
from portfolio.domain.jury.rules.opinions import BallotResult, TieBreak
from portfolio.french_text import NBSP, count, date_fr, elide_de, enumeration
from portfolio.wording.jury.labels import OUTCOMES, TIES_CONTRADICTED
from portfolio.wording.jury.predicates import SENTENCES

Facts = Mapping[str, Any]


def rule_message(deciding: DecidingValue) -> str:
    """Say how findings make a block for this version (R4)."""
    share = 100 if deciding.threshold is None else deciding.threshold
    sentences = {
        DecisionRule.EVERY: "Un bloc est validé si chacune de ses compétences est acquise.",
        DecisionRule.THRESHOLD: f"Un bloc est validé si au moins {share} % de ses compétences sont acquises.",
        DecisionRule.MEAN: (
            f"Un bloc est validé si la moyenne des constats atteint {share} % (acquise : 1, partiellement : "
            "½, non acquise : 0)."
        ),
    }
    return sentences[deciding.rule]


def grid_conflict_message(named: str) -> str:
    """Say that another save came between, of the competency or block named."""
    return (
        f"Entre-temps, {named} a été noté d’un autre écran. Ce que vous avez saisi est ci-dessous{NBSP}: "
        "enregistrez de nouveau pour que cela remplace, ou rechargez la page pour lire l’autre."
    )


def vote_question(block: int) -> str:
    """Name what a jury votes on: « Valider le bloc 2 ? »."""
    return f"Valider le bloc {block} ?"


PRESIDENCY_VOTES: Mapping[PresidencyVote, str] = {
    PresidencyVote.FOR: "Pour",
    PresidencyVote.AGAINST: "Contre",
    PresidencyVote.ABSTAINED: "Abstention",
    PresidencyVote.ABSENT: "Ne votait pas",
}


def _voice(facts: Facts) -> str:
    return PRESIDENCY_VOTES[PresidencyVote(facts["presidency"])].lower()


def _tied(facts: Facts) -> str:
    tie = f"Bloc {facts['block']} : {facts['in_favour']} voix pour et autant contre. "
    if not facts["presidency"]:
        return tie + (
            "La certification ne donne pas de voix prépondérante à la présidence : le bloc ne peut pas être validé sur "
            "un partage. Corrigez le vote ou la décision."
        )
    voice = _voice(facts)
    return tie + (
        f"La voix de la présidence (« {voice} ») décide : elle ne donne pas la décision "
        f"« {OUTCOMES[Outcome(facts['outcome'])].lower()} ». Corrigez le vote ou la décision."
    )


def votes_message(votes: Votes, voters: int, outcome: Outcome, *, casting_vote: bool = True) -> str:
    """Say a count of votes, each member once, and what a tie gives (J11): the screen and the minutes say the
    same; nothing when no vote was counted.
    """
    abstained = votes.abstentions(voters)
    if abstained is None:
        return ""
    if not votes.tied:
        return _counts(votes, abstained)
    if not casting_vote:
        settled: TieBreak | None = TieBreak.NO_CASTING_VOTE
    elif votes.presidency is not None:
        cast = votes.presidency in (PresidencyVote.FOR, PresidencyVote.AGAINST)
        settled = TieBreak.PRESIDENT if cast else TieBreak.ABSTENTION
    elif outcome is Outcome.VALIDATED or not abstained:
        settled = TieBreak.PRESIDENT
    else:  # whether the president voted against or abstained is not known
        settled = None
    return f"{_counts(votes, abstained)}. {_tie(settled, outcome)}"


def ballot_message(result: BallotResult) -> str:
    """Say what a vote gave: the counts, what settled a tie, and always the outcome."""
    counts = _counts(result.votes, result.votes.abstained or 0)
    if result.tie_break is None:
        return f"{counts}. {_given(result.outcome)}"
    return f"{counts}. {_tie(result.tie_break, result.outcome)}"


def _counts(votes: Votes, abstained: int) -> str:
    counts = f"{votes.in_favour} voix pour, {votes.against} voix contre"
    return f"{counts}, {abstained} abstention{'s' if abstained > 1 else ''}" if abstained else counts


def _given(outcome: Outcome) -> str:
    return "Le bloc est validé" if outcome is Outcome.VALIDATED else "Le bloc n’est pas validé"


_TIES: Mapping[TieBreak | None, str] = {
    TieBreak.PRESIDENT: "Égalité des voix : la voix de la présidence, déjà comptée, l’emporte. {given}",
    TieBreak.ABSTENTION: "Égalité des voix, et la présidence s’est abstenue. {given}",
    TieBreak.NO_CASTING_VOTE: "Égalité des voix, sans voix prépondérante de la présidence. {given}",
    None: "Égalité des voix. {given}",
}


def _tie(settled: TieBreak | None, outcome: Outcome) -> str:
    return _TIES[settled].format(given=_given(outcome))


def tie_rule_message(*, casting_vote: bool) -> str:
    """Say beforehand what a tie gives under the rule of this jury (J11)."""
    if casting_vote:
        return (
            "En cas d’égalité, la voix de la présidence l’emporte si elle a été donnée ; si la présidence "
            "s’abstient, le bloc n’est pas validé."
        )
    return "En cas d’égalité, le bloc n’est pas validé : la règle du jury ne donne pas de voix prépondérante."


def superseded_message(noted: DecisionRecord) -> str:
    """Say that a vote replaced the decision that was noted before it."""
    return (
        f"La décision notée avant ce vote, « {OUTCOMES[noted.outcome].lower()} », ne compte plus. "
        "Le dernier vote décide."
    )


def consistency_message(answer: ConsistencyAnswer) -> str:
    """Say what the findings make of a block (R4), or which ones are still awaited."""
    return _consistency(answer)


def _consistency(answer: ConsistencyAnswer) -> str:
    if answer.expected is None:
        return f"Il reste à constater {enumeration(answer.missing)}."
    if answer.expected is Outcome.VALIDATED:
        return "Les constats conduisent à valider ce bloc."
    if answer.short:
        which = (
            f"{enumeration(answer.short)} n’est pas acquise"
            if len(answer.short) == 1
            else f"{enumeration(answer.short)} ne sont pas acquises"
        )
        return f"Les constats conduisent à ne pas valider ce bloc : {which}."
    return "Les constats conduisent à ne pas valider ce bloc."


def _override(facts: Facts) -> str:
    if facts["expected"] == Outcome.VALIDATED:
        return (
            f"Bloc {facts['block']} : la décision refuse un bloc que les constats valident. "
            "Dites pourquoi le jury s’en écarte, ou revoyez les constats."
        )
    short = f" (à acquérir encore : {facts['short']})" if facts["short"] else ""
    return (
        f"Bloc {facts['block']} : la décision valide un bloc que les constats ne valident pas{short}. "
        "Dites pourquoi le jury s’en écarte, ou revoyez les constats."
    )


_IRREGULAR: Mapping[Predicate, str] = {
    PredicateId.J13: "Délibération impossible",
    PredicateId.J14: "Délibération impossible",
}
_MENDED_BY: Mapping[Predicate, str] = {
    PredicateId.J10: "Chaque membre qui délibère déclare, ou se récuse et son suppléant siège.",
    PredicateId.J13: "Chaque membre qui délibère atteste sa lecture.",
    PredicateId.J14: "Vérifiez qui est présent.",
}


def _irregular(facts: Facts) -> str:
    predicate = predicate_of(facts["predicate"])
    why = SENTENCES[predicate](facts)
    return f"{_IRREGULAR.get(predicate, 'Composition irrégulière')}. {why} {_mended_by(predicate)}"


def _mended_by(predicate: Predicate) -> str:
    return _MENDED_BY.get(predicate, "L’organisme certificateur doit la corriger.")


def _until(resumes_on: str | None) -> str:
    return f" jusqu’au {date_fr(date.fromisoformat(resumes_on))}" if resumes_on else ""


FAULTS: Mapping[ClosingErrorCode, Callable[[Facts], str]] = {
    ClosingErrorCode.BEFORE_SESSION_DAY: lambda facts: (
        f"La session se tient le {date_fr(date.fromisoformat(facts['day']))} : le procès-verbal se clôt ce "
        "jour-là ou après."
    ),
    ClosingErrorCode.SUSPENDED: lambda facts: (
        f"La séance est suspendue{_until(facts.get('resumes_on'))}. Reprenez-la avant de clore."
    ),
    ClosingErrorCode.IRREGULAR: _irregular,
    ClosingErrorCode.FINDING_MISSING: lambda facts: f"{facts['competency']} : il manque le constat.",
    ClosingErrorCode.FINDING_REASON_MISSING: lambda facts: (
        f"{facts['competency']} : dites ce qui a été vu et ce qui manque, pour que la personne comprenne."
    ),
    ClosingErrorCode.GROUND_MISSING: lambda facts: (
        f"{facts['competency']} : rien n’est rattaché à cette compétence. Indiquez où cette compétence a été démontrée."
    ),
    ClosingErrorCode.GROUND_TEXT_MISSING: lambda facts: (
        f"{facts['competency']} : précisez le constat sur lequel le jury s’appuie."
    ),
    ClosingErrorCode.DECISION_MISSING: lambda facts: f"Bloc {facts['block']} : il manque la décision.",
    ClosingErrorCode.REFUSAL_REASON_MISSING: lambda facts: (
        f"Bloc {facts['block']} : expliquez ce refus. Indiquez quelles compétences manquent, et pourquoi."
    ),
    ClosingErrorCode.RECOMMENDATION_MISSING: lambda facts: (
        f"Bloc {facts['block']} : dites ce qui est attendu pour présenter de nouveau ce bloc, ou pourquoi "
        "le jury ne préconise rien. La notification le répète à la personne."
    ),
    ClosingErrorCode.OVERRIDE_REASON_MISSING: _override,
    ClosingErrorCode.VOTES_INCOMPLETE: lambda facts: (
        f"Bloc {facts['block']} : donnez le nombre de voix pour et le nombre de voix contre, ou aucun des deux."
    ),
    ClosingErrorCode.VOTES_CONTRADICT: lambda facts: (
        f"Bloc {facts['block']} : {facts['in_favour']} voix pour et {facts['against']} contre ne donnent "
        f"pas la décision « {OUTCOMES[Outcome(facts['outcome'])].lower()} ». Corrigez le décompte ou la "
        "décision."
    ),
    ClosingErrorCode.VOTES_TOO_MANY: lambda facts: (
        f"Bloc {facts['block']} : {facts['total']} voix et abstentions sont comptées, mais "
        f"{count(facts['voters'], 'membre vote', 'membres votent')}, présidence comprise. "
        "Corrigez le décompte."
    ),
    ClosingErrorCode.VOTES_TIED: _tied,
    ClosingErrorCode.PRESIDENCY_MISSING: lambda facts: (
        f"Bloc {facts['block']} : dites comment la présidence a voté. En cas de partage, sa voix décide."
    ),
    ClosingErrorCode.PRESIDENCY_CONTRADICTS: lambda facts: (
        f"Bloc {facts['block']} : la présidence a voté « {_voice(facts)} », "
        "et le décompte n’a aucune voix de ce côté. Corrigez l’un ou l’autre."
    ),
    ClosingErrorCode.DAY_MISSING: lambda facts: (
        "Donnez le jour où le jury a délibéré : entre le "
        f"{date_fr(date.fromisoformat(facts['earliest']))} et le {date_fr(date.fromisoformat(facts['latest']))}."
    ),
    ClosingErrorCode.DAY_OUTSIDE: lambda facts: (
        "Le jury ne peut pas avoir délibéré ce jour-là. Donnez un jour entre le "
        f"{date_fr(date.fromisoformat(facts['earliest']))} et le {date_fr(date.fromisoformat(facts['latest']))}."
    ),
    ClosingErrorCode.TO_CONFIRM: lambda facts: (
        f"Bloc {facts['block']} : "
        + (f"le constat sur {facts['competency']}" if "competency" in facts else "la décision préparée")
        + " vient de la séance suspendue, dont un membre a changé. Relisez, puis enregistrez de nouveau pour confirmer."
    ),
    ClosingErrorCode.BALLOT_OPEN: lambda facts: (
        f"Bloc {facts['block']} : le vote n’est pas terminé. Terminez-le : le dernier vote décide du bloc."
    ),
    ClosingErrorCode.BALLOT_VOID: lambda facts: (
        f"Bloc {facts['block']} : les membres qui peuvent voter ne sont plus ceux du dernier vote. Faites "
        "voter de nouveau."
    ),
    ClosingErrorCode.VOTES_TOO_FEW: lambda facts: (
        f"Bloc {facts['block']} : {facts['total']} voix et abstentions sont comptées, mais "
        f"{count(facts['voters'], 'membre vote', 'membres votent')}, présidence comprise. "
        "Corrigez le décompte."
    ),
}


def closing_error_message(fault: ClosingError) -> str:
    """Say one thing that prevents closing, and what to do."""
    return FAULTS[fault.code](fault.facts)


def _not_ready(facts: Facts) -> str:
    faults = facts.get("faults") or ()
    first = " ".join(closing_error_message(fault) for fault in faults[:3])
    return f"Le procès-verbal ne peut pas encore être clos. {first}".strip()


REFUSALS: Mapping[JuryRefusal, Callable[[dict[str, Any]], str]] = {
    JuryRefusal.VERSION_NOT_PUBLISHED: lambda _: (
        "Cette version n’est pas publiée. Publiez-la avant de planifier une session."
    ),
    JuryRefusal.SEAT_UNKNOWN: lambda _: "La fiche de cette certification ne prévoit pas ce siège.",
    JuryRefusal.ALREADY_MEMBER: lambda facts: (
        f"{facts['name']} occupe déjà un autre siège de cette session. Choisissez une autre personne."
    ),
    JuryRefusal.MEMBER_IS_CANDIDATE: lambda facts: (
        f"{facts['name']} est candidat à cette session : une personne ne se juge pas elle-même."
    ),
    JuryRefusal.MEMBER_IS_ADVISOR: lambda facts: (
        f"{facts['name']} accompagne ou a accompagné {facts['candidate']} : un accompagnateur ne siège "
        "jamais au jury de son candidat. Choisissez une autre personne, ou une autre session."
    ),
    JuryRefusal.MEMBER_RELATED: lambda facts: (
        f"Un lien est enregistré entre {facts['name']} et {facts['candidate']} : cette personne ne juge pas "
        "ce candidat. Nommez d’abord une autre personne à ce siège, ou choisissez une autre session."
    ),
    JuryRefusal.MEMBER_JUDGED: lambda facts: (
        f"{facts['name']} siégeait au jury {elide_de(facts['candidate'])} dont la décision a été annulée pour "
        "partialité : chaque membre du nouveau jury doit être nouveau. Choisissez une autre personne."
    ),
    JuryRefusal.ACCOMPANIED: lambda _: (
        "Vous avez accompagné cette personne dans une candidature, ici ou ailleurs : vous ne pouvez ni "
        "déclarer le contraire, ni la juger. Récusez-vous : une autre personne siégera à votre place."
    ),
    JuryRefusal.NO_REASON: lambda _: "Écrivez pourquoi cette séance est sans effet : la personne le lira.",
    JuryRefusal.NOT_WAITING: lambda _: (
        "Ce dossier est déjà inscrit à une session, ou n’existe plus. Rechargez la page de la session."
    ),
    JuryRefusal.OTHER_SEATS: lambda facts: (
        f"La voie d’accès {elide_de(facts['candidate'])} demande un jury qui n’a pas les sièges de cette "
        "session. Planifiez une session pour cette voie."
    ),
    JuryRefusal.SITE_UNKNOWN: lambda _: "Ce lieu n’est pas un lieu de votre organisme. Choisissez-en un autre.",
    JuryRefusal.SITE_FIXED: lambda _: "Un procès-verbal de cette session est clos : son lieu ne change plus.",
    JuryRefusal.SESSION_CANCELLED: lambda facts: (
        f"La session du {date_fr(date.fromisoformat(facts['day']))} est annulée. Choisissez une autre session."
    ),
    JuryRefusal.OTHER_VERSION: lambda _: "Ce dossier vise une autre certification que celle de la session.",
    JuryRefusal.SEALED_AFTER_SESSION: lambda facts: (
        f"Ce dossier a été déposé après le {date_fr(date.fromisoformat(facts['day']))}, jour de la session. "
        "Inscrivez-le à une session plus tardive."
    ),
    JuryRefusal.NOTES_TAKEN: lambda _: (
        "Le jury a déjà déclaré, vérifié ou noté quelque chose pour cette personne : elle ne se retire pas "
        "de la liste. Tant que le jury n’a noté ni constat, ni décision, ni vote, vous pouvez reporter l’audition à "
        "une autre session. Si la personne ne vient pas, notez-la absente ou excusée : elle pourra être entendue par "
        "un autre jury."
    ),
    JuryRefusal.SITTING_ENDS: lambda facts: (
        f"Le jury a commencé à travailler pour {enumeration(facts['who'])}. Cet acte met fin à la séance en cours : ce "
        "que le jury a fait reste au procès-verbal avec votre motif, et ne sert plus. Le jury recommence sans ces "
        "présences, constats, décisions préparées, avis remis et votes. Écrivez le motif, puis recommencez."
    ),
    JuryRefusal.PRESENCE_NEEDS_REASON: lambda _: (
        "Le jury a déjà entendu, noté ou voté quelque chose pour cette personne. Écrivez pourquoi les présences sont "
        "corrigées : le procès-verbal le dit à côté de ce qui a été fait."
    ),
    JuryRefusal.BALLOT_WAS_CLOSED: lambda _: (
        "Le jury a voté pour cette personne : il l’avait entendue, et ce vote reste au procès-verbal. Une absence ne "
        "se note plus. Si la séance est irrégulière, déclarez-la sans effet : le dossier attendra une autre session."
    ),
    JuryRefusal.NOT_PRESIDENT: lambda _: "Seule la présidence du jury note les constats et les décisions.",
    JuryRefusal.OUT_OF_SCOPE: lambda _: "Ce bloc n’est pas présenté : le jury n’a pas à en décider.",
    JuryRefusal.BLOCK_HELD: lambda _: "Ce bloc est acquis : aucune décision ne le change.",
    JuryRefusal.ALREADY_CLOSED: lambda _: "Le procès-verbal est déjà clos. Ses décisions ne changent plus.",
    JuryRefusal.NOT_READY: _not_ready,
    JuryRefusal.NOT_A_MEMBER: lambda _: "Cette personne n’est pas membre de ce jury.",
    JuryRefusal.RECUSED: lambda _: (
        "Cette personne s’est récusée pour ce candidat : elle ne lit rien et ne délibère pas."
    ),
    JuryRefusal.NOT_RECUSED: lambda _: "Aucune récusation n’est en cours pour ce candidat : il n’y a rien à retirer.",
    JuryRefusal.RECUSAL_IS_THEIRS: lambda _: (
        "Cette personne s’est récusée elle-même. Pour retirer sa récusation à sa place, joignez le retrait "
        "qu’elle a signé."
    ),
    JuryRefusal.BARRED: lambda _: (
        "L’organisme certificateur a noté un lien entre ce membre et ce candidat : ce membre ne lit rien, "
        "ne déclare rien et ne délibère pas pour ce candidat."
    ),
    JuryRefusal.SESSION_OVER: lambda facts: (
        f"La session du {date_fr(date.fromisoformat(facts['day']))} est passée. "
        "Choisissez une session à venir, ou planifiez-en une."
    ),
    JuryRefusal.NOT_DECLARED: lambda _: (
        "Commencez par signer votre déclaration sur vos liens avec la personne. Ensuite, lisez ce qui est "
        "soumis au jury, puis attestez votre lecture."
    ),
    JuryRefusal.NOT_READ: lambda _: "Attestez d’abord votre lecture : les constats viennent après la lecture.",
    JuryRefusal.NOT_DELIBERATING: lambda facts: (
        "La décision attend que chaque membre qui délibère ait déclaré et lu. Il manque encore : "
        f"{enumeration(facts['who'])}."
    ),
    JuryRefusal.HOLDER_FIRST: lambda _: "Nommez d’abord le titulaire de ce siège, et retirez ses suppléants avant lui.",
    JuryRefusal.TIES_CONTRADICTED: lambda _: TIES_CONTRADICTED,
    JuryRefusal.TOO_MANY_NOTES: lambda facts: (
        f"Vous avez déjà {facts['limit']} notes sur ce dossier. Effacez celles qui ne servent plus, puis recommencez."
    ),
    JuryRefusal.NOTE_GONE: lambda _: (
        "Cette note n’existe plus : elle a été effacée. Copiez votre texte dans une nouvelle note."
    ),
    JuryRefusal.OPINIONS_GIVEN: lambda _: (
        "Vous avez remis vos avis : ils ne changent plus. Dites ce qui a changé pendant la délibération."
    ),
    JuryRefusal.OPINIONS_MISSING: lambda facts: (
        f"Il manque encore votre avis sur {facts['number']} compétence{'s' if facts['number'] > 1 else ''}. "
        "Donnez-le, puis remettez vos avis."
    ),
    JuryRefusal.OPINIONS_YOURS_FIRST: lambda _: (
        "Remettez d’abord vos propres avis : la présidence n’ouvre pas ceux des autres avant d’avoir donné les siens."
    ),
    JuryRefusal.BEFORE_THE_DAY: lambda facts: (
        f"Le jury se réunit le {date_fr(date.fromisoformat(facts['day']))} : cela se fait ce jour-là."
    ),
    JuryRefusal.ADJOURNED: lambda _: (
        "La séance est suspendue : rien ne se note avant la reprise. La présidence reprend la séance."
    ),
    JuryRefusal.DOSSIER_RETURNED: lambda facts: (
        "Le certificateur a demandé à la personne de compléter son dossier avant le "
        f"{date_fr(date.fromisoformat(facts['due_on']))}. Le jury commence quand la nouvelle version est "
        "déposée, ou quand le certificateur renonce à cette demande."
    ),
    JuryRefusal.NOT_ADJOURNED: lambda _: "La séance n’est pas suspendue : elle est déjà en cours.",
    JuryRefusal.NO_RESUMPTION_DAY: lambda _: (
        "Le jour de la reprise n’est pas fixé. La présidence l’inscrit sur la page de la suspension."
    ),
    JuryRefusal.WAS_HEARD: lambda _: "Cette personne a été entendue : aucune absence n’est à écrire.",
    JuryRefusal.IRREGULAR_NOW: lambda _: (
        "Le jury ne peut pas voter maintenant : sa composition n’est pas régulière pour cette personne. "
        "Ouvrez « Déclarations et présence » pour voir ce qui manque."
    ),
    JuryRefusal.BALLOT_OPEN: lambda _: (
        "Le vote sur ce bloc n’est pas terminé. Clôturez le vote, puis enregistrez la décision."
    ),
    JuryRefusal.BALLOT_CLOSED: lambda _: "Ce vote est terminé : aucune voix ne s’ajoute ni ne change.",
    JuryRefusal.NOT_VOTING: lambda _: (
        "Vous ne votez pas pour ce candidat : seuls les membres présents qui délibèrent votent."
    ),
    JuryRefusal.REVIEWER_SAT: lambda _: (
        "Vous avez siégé pour cette personne : une autre personne de l’organisme relit cette audition."
    ),
    JuryRefusal.BALLOT_DECIDES: lambda facts: (
        f"Le jury a voté : {ballot_message(facts['ballot'])}. Prenez cette décision, ou faites voter de nouveau."
    ),
    JuryRefusal.DID_NOT_DELIBERATE: lambda _: "Seuls les membres qui ont délibéré signent ce procès-verbal.",
    JuryRefusal.SIGNED_ALREADY: lambda _: "Vous avez déjà signé ce procès-verbal.",
    JuryRefusal.STILL_OPEN: lambda _: "Ce procès-verbal n’est pas clos : corrigez-le avant de le signer.",
}
