"""Reasons why the register proposes an equivalence, in French."""

from portfolio.domain.certification.rules.watching import ProposalOrigin
from portfolio.domain.holdings.use_cases.proposals import ProposalLine

ORIGINS = {
    ProposalOrigin.CORRESPONDENCE: "Correspondance de blocs écrite dans la fiche du répertoire.",
    ProposalOrigin.SUCCESSOR: (
        "Bloc de même intitulé dans la fiche qui remplace celle-ci. Avoir le même intitulé ne suffit pas."
    ),
}


def proposal_reason(origin: ProposalOrigin, other_code: str, other_block: str) -> str:
    """Return the reason that a confirmation starts from; a person completes it."""
    if origin is ProposalOrigin.CORRESPONDENCE:
        return f"Correspondance publiée au répertoire avec le bloc {other_block} de la fiche {other_code}."
    return f"La fiche {other_code} remplace celle-ci. Bloc de même intitulé : {other_block}."


IDENTICAL_CONFIRMED = "Les équivalences sont enregistrées. Elles valent dès aujourd’hui."


def identical_reason(code: str, version: int) -> str:
    """Return the ground kept with each equivalence of a list of identical blocks confirmed as a whole."""
    return (
        f"Blocs identiques mot pour mot dans deux versions de la fiche {code}, "
        f"confirmés ensemble à partir de la version {version}."
    )


def obstacle(line: ProposalLine) -> str:
    """Say why a proposal cannot be confirmed here, and what to do; empty when it can be."""
    if line.group_size > 1:
        return (
            f"Le répertoire compare {line.group_size} blocs ensemble : ce bloc seul n’est pas équivalent. "
            "Décidez pour tous ces blocs ensemble, ou écartez cette proposition."
        )
    if line.other_id is None:
        return (
            f"Aucune version publiée de la fiche {line.other_code} n’a ce bloc chez vous. "
            "Importez cette fiche et publiez-la pour pouvoir confirmer."
        )
    return ""
