"""Sentences of a letter on each block: acquired, not acquired and why, or aside."""

import re
from datetime import timedelta

from portfolio.domain.holdings.rules.granting import GrantGround
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.notification.rules.letter import (
    Letter,
    LetterBlock,
    LetterGranted,
    LetterOther,
    MissingCompetencyText,
)
from portfolio.french_text import NBSP, date_fr, enumeration

# The four questions a letter answers of each competency, in the order in which a stranger asks them.
ANSWER_LABELS = {
    "seen": "Ce que le jury a vu",
    "missing": "Ce qui manquait",
    "expected": "Ce qui est attendu",
    "way": "Par où passer",
}
# How the writer of the four answers makes them agree: each thing that was missing is expected, and has its
# way.
ANSWER_HELP = {
    "seen": ("Ce que le jury a retenu de ce qu’il a lu et entendu. Des faits, sans mettre en doute la personne."),
    "missing": (
        f"Nommez chaque chose qui manquait, une par une{NBSP}: les deux réponses suivantes les reprennent toutes."
    ),
    "expected": f"Reprenez chaque chose qui manquait{NBSP}: ce qu’un prochain jury devra trouver à sa place.",
    "way": (
        f"Reprenez chaque chose attendue{NBSP}: quelle pièce joindre, quelle évaluation repasser ou quoi "
        "raconter pour la montrer."
    ),
}
# Said once for every block that is not acquired (R1, R4; domain §5: results are kept, the coming jury
# decides).
RULE = (
    "Un bloc s’acquiert en entier ou pas du tout. Une compétence notée acquise dans un bloc non acquis est "
    f"un bon signe, pas une garantie{NBSP}: le prochain jury regardera le bloc entier et peut conclure "
    f"autrement. Ne retirez donc rien de votre dossier{NBSP}: complétez-le."
)
RECORD_RULE = (
    "Un bloc s’acquiert en entier ou pas du tout. Une compétence notée acquise dans un bloc non acquis est "
    f"un bon signe, pas une garantie{NBSP}: le prochain jury regardera le bloc entier et peut conclure "
    "autrement."
)
# What a granted block is on the day of the letter; {since} is the day of the decision.
_GRANTED = {
    GrantStatus.HELD: "Ce bloc vous est acquis définitivement depuis le {since}, jour de la décision.",
    GrantStatus.SUSPENDED: (
        f"Le jury vous a accordé ce bloc. Il est suspendu depuis{NBSP}: ni acquis ni perdu, le temps d’un examen."
    ),
    GrantStatus.WITHDRAWN: "Le jury vous avait accordé ce bloc. Il a été retiré depuis.",
    GrantStatus.ANNULLED: (
        "Le jury vous avait accordé ce bloc. La décision a été annulée depuis, sans échec pour vous. "
        "Un nouveau jury peut l’accorder."
    ),
    GrantStatus.REPLACED: (
        "Ce bloc vous est acquis définitivement depuis le {since}, jour de la décision, sous un autre numéro."
    ),
}


_PRESENT_AGAIN = "Vous pouvez le présenter de nouveau à une prochaine session."
# Where a block stands that this letter neither gives nor refuses, and what its reader has to do about it.
_OTHERS = {
    GrantGround.NOT_PRESENTED: (
        "Ce bloc n’était pas présenté à ce jury : rien n’a été décidé, et rien n’est perdu. "
        "Vous pouvez le présenter à une prochaine session."
    ),
    GrantGround.NOT_REQUESTED: (
        "Ce bloc ne faisait pas partie de votre demande : ce jury n’avait pas à se prononcer. "
        "Si vous voulez l’acquérir un jour, écrivez-nous."
    ),
    GrantGround.NOT_DECIDED: (
        "Le jury ne s’est pas prononcé sur ce bloc : rien n’est perdu. Vous pouvez le présenter à une "
        "prochaine session."
    ),
    GrantGround.AWAITING_JURY: (
        "Ce bloc attend un autre jury, qui n’a pas encore décidé. Vous n’avez rien à faire d’ici là."
    ),
    GrantGround.ANNULLED_AWAITING_JURY: (
        f"La décision du jury sur ce bloc a été annulée. Ce n’est pas un échec{NBSP}: votre dossier attend "
        "un autre jury pour ce bloc, et vous n’avez rien à faire d’ici là."
    ),
    GrantGround.AWAITING_NOTIFICATION: ("Un jury a délibéré sur ce bloc. Une autre lettre vous donnera son résultat."),
    GrantGround.SUSPENDED: (
        "Ce bloc est suspendu : nous examinons la régularité de la session où il a été décidé. Il n’est ni "
        "acquis ni perdu, et vous n’avez rien à faire. Soit nous confirmerons la décision, soit nous "
        "l’annulerons et réunirons un nouveau jury. Un courrier vous l’annoncera."
    ),
    GrantGround.ANNULLED: (
        "La décision du jury sur ce bloc a été annulée. Ce n’est pas un échec : vous pouvez présenter ce "
        "bloc à un nouveau jury."
    ),
    GrantGround.WITHDRAWN: (
        "Ce bloc vous a été retiré pour fraude, après un échange avec vous. "
        "Vous pouvez contester ce retrait : voyez la fin de cette lettre."
    ),
    GrantGround.LAPSE_NOT_RULED: (
        "Le jury s’est prononcé en votre faveur sur ce bloc, mais il n’est pas encore acquis : le délai "
        "pour commencer votre parcours était dépassé, et nous devons d’abord nous prononcer sur ce retard. "
        "Si vous aviez une raison (santé, famille, travail), écrivez-la-nous. Dès notre décision, un "
        "courrier vous l’annoncera."
    ),
    GrantGround.LAPSED: (
        "Le jury s’est prononcé, mais votre recevabilité avait pris fin faute de démarche dans le délai : "
        "ce bloc n’est pas acquis. Vous pouvez demander une nouvelle recevabilité, ou contester cette "
        "décision : voyez la fin de cette lettre."
    ),
    GrantGround.NOT_ADMISSIBLE: (
        "Votre candidature n’était pas encore recevable ou commencée le jour de la présentation : ce bloc "
        "n’est pas acquis. Il peut être présenté de nouveau."
    ),
    GrantGround.NOT_VERIFIED: (
        "Vous nous avez dit avoir acquis ce bloc par une autre voie : nous vérifions le document que vous "
        "avez donné. Vous n’avez rien à faire d’ici là."
    ),
    GrantGround.VALIDITY_ENDED: f"Ce bloc vous avait été acquis, et sa validité a pris fin. {_PRESENT_AGAIN}",
    GrantGround.PARTIAL_EQUIVALENCE: (
        "Un bloc que vous détenez vaut une partie de celui-ci, pas le tout. Vous pouvez le présenter à une "
        "prochaine session."
    ),
}
_OTHERWISE = "Ce bloc n’est pas acquis à ce jour. Demandez-nous pourquoi."


def granted_message(letter: Letter, block: LetterGranted) -> str:
    """Say what a block granted by the decision is on the day of the letter, and since when (R6)."""
    said = _GRANTED[block.status].format(since=date_fr(letter.decided_on))
    if block.valid_until is None:
        return said
    return f"{said.replace('acquis définitivement', 'acquis')} Il est valable jusqu’au {date_fr(block.valid_until)}."


def other_message(block: LetterOther) -> str:
    """Say where a block stands that this letter neither gives nor refuses, and whether there is something to do."""
    said = _OTHERS.get(block.ground, _OTHERWISE)
    if block.valid_until is None:
        return said
    ended = f"Ce bloc n’est plus valable depuis le {date_fr(block.valid_until + timedelta(days=1))}."
    # What waits or was decided since is said after the end; of a block that only lapsed, the end says it all.
    return f"{ended} {_PRESENT_AGAIN if block.ground is GrantGround.VALIDITY_ENDED else said}"


def rule_words(letter: Letter) -> str:
    """Say, once for every block that is not acquired, that a block is acquired whole or not at all."""
    return RULE if letter.by_vae else RECORD_RULE


def way_forward_message(block: LetterBlock, *, by_vae: bool = True) -> str:
    """Return what is always true of the way forward; the certifier makes it precise."""
    if not by_vae:
        return (
            "Travaillez cette compétence, repassez l’évaluation, puis présentez-vous de nouveau pour "
            f"le bloc{NBSP}{block.number} devant un prochain jury."
        )
    return (
        "Complétez votre dossier sur cette compétence, puis présentez de nouveau "
        f"le bloc{NBSP}{block.number} à une prochaine session."
    )


def answers_of(explanation: MissingCompetencyText) -> tuple[tuple[str, str], ...]:
    """Return the questions of a competency that the letter answers, each with its answer."""
    return tuple((label, text) for part, label in ANSWER_LABELS.items() if (text := getattr(explanation, part)))


def acquired_message(block: LetterBlock) -> tuple[str, tuple[str, ...]]:
    """Return what the jury found acquired in a block it refused: a heading, then each competency with its words."""
    head = "Compétence notée acquise" if len(block.acquired) == 1 else "Compétences notées acquises"
    return head, tuple(f"{letter_acquired.number} {letter_acquired.text}".strip() for letter_acquired in block.acquired)


def reminder_message(letter: Letter) -> str:
    """Say that a block not acquired takes nothing away; nothing when every block is acquired (R6, domain §2)."""
    if not letter.refused:
        return ""
    if letter.acquired:
        return (
            "Un bloc non acquis n’enlève rien aux blocs acquis. Vous ne présenterez de nouveau que les "
            "blocs qui manquent, chacun en entier."
        )
    return "Un bloc non acquis peut être présenté de nouveau."


RESULTS = f"«{NBSP}Mes résultats{NBSP}»"
_ARTICLES = {"Le ": "au ", "Les ": "aux ", "La ": "à la ", "L’": "à l’", "L'": "à l’"}
# A name is words that each begin with a capital: « Inès Fabre », « Mme Le Goff ».
_NAME = re.compile(r"[^\W\d_a-zß-ÿ][\w.’'-]*(?: [^\W\d_a-zß-ÿ][\w.’'-]*)+")


def space_message(letter: Letter, site: str) -> str:
    """Introduce, once, the place where the reader finds everything."""
    if not letter.by_vae:
        return f"votre espace Acquis, le site où vous suivez votre parcours ({site})"
    return f"votre espace Acquis, le site où vous avez déposé votre dossier ({site})"


def contact_message(letter: Letter) -> str:
    """Return the contact in a sentence: « Inès Fabre (05 00 00 00 00) », « au service VAE (vae@…) »; nothing when
    it is no name.
    """
    lines = [part.strip() for part in re.split(r"[,\n]", letter.contact) if part.strip()]
    if not lines:
        return ""
    head, rest = lines[0], ", ".join(lines[1:])
    to = next((to + head.removeprefix(article) for article, to in _ARTICLES.items() if head.startswith(article)), "")
    if not to and not _NAME.fullmatch(head):
        return ""
    return f"{to or 'à ' + head} ({rest})" if rest else to or f"à {head}"


def _ask(letter: Letter) -> str:
    to = contact_message(letter)
    return f"Demandez {to}" if to else "Demandez-nous"


def next_message(letter: Letter, site: str) -> tuple[str, ...]:
    """Say, step by step, what its reader can do now, whom to ask and by when; nothing when no block is
    left to present.
    """
    if not letter.to_present:
        return ()
    if not letter.by_vae:
        return (_when_again(letter), _assessed_again(letter), _free(letter))
    return (_when(letter), _complete(letter, site), _submit(letter), _free(letter))


def _when_again(letter: Letter) -> str:
    """Say before which jury a candidate without a livret 2 goes again: the next cohort's, where the
    certifier sets it.
    """
    to = f"{_ask(letter)} "
    if letter.next_cohort:
        return (
            "Vous passerez de nouveau devant le jury de la promotion suivante. "
            f"{to}le nom de cette promotion, ses dates, et ce que vous devez faire pour la rejoindre."
        )
    return f"{_when(letter).split('. ')[0]}. {to}à quelle session vous passerez de nouveau, et les frais s’il y en a."


def _assessed_again(letter: Letter) -> str:
    """Say what is assessed again; a jury reads the results, hears, deliberates, whatever the session (domain §2)."""
    left = "du bloc qui manque" if letter.left == 1 else "des blocs qui manquent"
    return (
        f"Repassez les évaluations {left}, selon ce qui est écrit plus haut. "
        "L’organisme certificateur inscrit vos nouveaux résultats, puis un jury les lit et vous entend."
    )


def _when(letter: Letter) -> str:
    """Return whom to ask, and the sessions planned."""
    if not letter.sessions:
        return (
            f"Aucune date de jury n’est fixée à ce jour pour cette certification. {_ask(letter)} la "
            "prochaine date, jusqu’à quand déposer, et les frais s’il y en a."
        )
    sessions = [
        f"le {date_fr(session.held_on)}{f' à {session.place}' if session.place else ''}" for session in letter.sessions
    ]
    head = "Prochain jury prévu" if len(sessions) == 1 else "Prochains jurys prévus"
    return (
        f"{head}{NBSP}: {enumeration(sessions)}. {_ask(letter)} jusqu’à quand déposer, "
        "s’il reste de la place, et les frais s’il y en a. "
        "Vous pouvez aussi attendre un jury suivant."
    )


def _complete(letter: Letter, site: str) -> str:
    where = "votre espace Acquis" if letter.acquired else space_message(letter, site)
    opened = (
        f"Dans {where}, ouvrez {RESULTS}{NBSP}: votre dossier s’y rouvre avec tous vos textes et toutes vos preuves."
    )
    if not letter.lacking:
        return opened
    return (
        f"{opened} Compétence par compétence, ajoutez ce qui est écrit sous "
        f"«{NBSP}{ANSWER_LABELS['expected']}{NBSP}» et «{NBSP}{ANSWER_LABELS['way']}{NBSP}»."
    )


def _submit(letter: Letter) -> str:
    """A jury reads, hears, deliberates, whatever the session (domain §2)."""
    is_single = letter.left == 1
    sentence = (
        "Déposez de nouveau votre dossier, pour "
        f"{'le bloc qui manque' if is_single else 'les blocs qui manquent'}. Un jury lira le dossier "
        "complété, puis vous recevra en entretien."
    )
    if is_single:
        return sentence
    to = contact_message(letter)
    tell = f"dites-le {to}" if to else "dites-le-nous"
    return f"{sentence} Pour n’en présenter qu’un cette fois et un autre plus tard, {tell} avant de déposer."


def _free(letter: Letter) -> str:
    """No clock runs after a decision (domain §2); another route counts as much as a jury (R2)."""
    blocks_stay = (
        ", et les blocs acquis le restent pendant que vous attendez"
        if letter.acquired and not letter.tells_an_end
        else ""
    )
    where, other = ("à votre dossier", "une formation évaluée") if letter.by_vae else ("ici", "la VAE")
    return (
        f"Prenez le temps qu’il vous faut{NBSP}: aucune date limite n’est inscrite {where}{blocks_stay}. Un "
        f"bloc s’acquiert aussi par une autre voie, comme {other}, si elle est ouverte pour cette "
        "certification."
    )


def appeal_message(letter: Letter) -> tuple[str, str]:
    """Return what comes before and after the certifier's own text: whose it is; what asking does not cost, and whom to
    write to.

    A request takes nothing away; a session found irregular suspends what it gave, then confirms or annuls it (R10).
    """
    before = (
        "Si vous n’êtes pas d’accord avec cette décision, voici ce que vous pouvez faire et dans quel "
        f"délai, dans les mots de l’organisme certificateur{NBSP}:"
    )
    clause = ""
    if letter.acquired:
        clause = (
            "Demander un nouvel examen ne fait perdre, en soi, aucun bloc acquis. Seule exception : si la "
            "session était reconnue irrégulière, les décisions prises pour vous seraient suspendues, puis "
            f"confirmées, ou annulées. Dans ce dernier cas, ce ne serait pas un échec{NBSP}: un autre jury "
            "vous entendrait. "
        )
    to = contact_message(letter)
    return (
        before,
        (f"{clause}{f'Écrivez {to}' if to else 'Écrivez-nous'}, sauf si le texte ci-dessus donne une autre adresse."),
    )
