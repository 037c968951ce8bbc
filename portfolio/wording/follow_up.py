"""French sentences of the survey of holders and of the insertion rates."""

from collections.abc import Mapping

from portfolio.domain.follow_up.rules import Change, Contract, Situation, Wave, percent

WAVES: Mapping[Wave, str] = {Wave.M6: "6 mois", Wave.M12: "12 mois", Wave.M24: "24 mois"}
SITUATIONS: Mapping[Situation, str] = {
    Situation.EMPLOYED: "En emploi, y compris à votre compte",
    Situation.SEEKING: "En recherche d’emploi",
    Situation.STUDYING: "En poursuite d’études ou en formation",
    Situation.INCAPABLE: "Dans l’impossibilité de travailler, pour un temps ou définitivement",
    Situation.OTHER: "Autre situation",
}
CONTRACTS: Mapping[Contract, str] = {
    Contract.PERMANENT: "CDI",
    Contract.FIXED_TERM: "CDD",
    Contract.TEMPORARY: "Intérim",
    Contract.APPRENTICE: "Contrat en alternance",
    Contract.PUBLIC: "Fonction publique",
    Contract.SELF_EMPLOYED: "À votre compte",
}
CHANGES: Mapping[Change, str] = {
    Change.JOB: "Elle a aidé à trouver un emploi",
    Change.PROMOTION: "Elle a donné accès à plus de responsabilités",
    Change.PAY: "Elle a augmenté la rémunération",
    Change.SKILLS: "Elle a servi au travail, sans autre effet",
    Change.NONE: "Elle n’a rien changé",
}
YES_NO: Mapping[str, str] = {"oui": "Oui", "non": "Non"}
# Columns of the table of a renewal, named as the public file of the register names them.
COLUMNS = (
    *("CERTIFICATION", "ANNEE", "VOIE", "ENQUETE_MOIS", "NOMBRE_CERTIFIES", "NOMBRE_REPONDANTS", "TAUX_REPONSE"),
    *("EN_EMPLOI", "EN_EMPLOI_OU_EN_RECHERCHE", "TAUX_INSERTION_GLOBAL"),
    *("DANS_LE_METIER_VISE", "REPONDANTS_HORS_CAS_NEUTRES", "TAUX_INSERTION_METIER", "CAS_NEUTRES"),
)


def rate_message(numerator: int, denominator: int) -> str:
    """Say a rate with its numerator and its denominator: « 24 sur 30, 80 % »."""
    share = percent(numerator, denominator)
    return (
        "sans réponse à compter" if share is None else f"{numerator} sur {denominator}, {share:g} %".replace(".", ",")
    )


def rate_cell(numerator: int, denominator: int) -> str:
    """Write a rate for a spreadsheet, empty without anybody to divide by."""
    share = percent(numerator, denominator)
    return "" if share is None else f"{share:g}".replace(".", ",")
