"""Next steps of the reader of a letter: with whom, by when, in which order, and how to contest."""

import re

from portfolio.domain.notification.rules.letter import Letter
from portfolio.french_text import NBSP, date_fr, enumeration
from portfolio.wording.documents.blocks import ANSWER_LABELS

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
        if letter.acquired and not letter.is_limited and not any(held.valid_until for held in letter.held)
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
