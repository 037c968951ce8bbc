"""Themes of competencies, so that the coach can suggest usual kinds of evidence."""

from __future__ import annotations

import re
from enum import StrEnum


class Theme(StrEnum):
    """A family of competencies for which the same pieces often serve."""

    WATCH = "watch"
    PEOPLE = "people"
    DATA = "data"
    PARTNERS = "partners"
    CHANGE = "change"
    NETWORKS = "networks"
    CONTENT = "content"
    MARKETING = "marketing"
    STRATEGY = "strategy"
    OFFER = "offer"
    PROJECT = "project"
    TEACHING = "teaching"
    CARE = "care"
    SAFETY = "safety"
    SALES = "sales"
    ANY = "any"


# Stems found in the register's wordings, the most telling first: the first that is found wins.
_STEMS: tuple[tuple[Theme, str], ...] = (
    (Theme.WATCH, r"\bveille\b|documentaire|\brecherche\b"),
    (Theme.PEOPLE, r"ressources humaines|recrut|\béquipe|encadr|manag|effectif|collaborateurs"),
    (Theme.DATA, r"\bdonnées\b|indicateur|statisti|tableau de bord|mesure[rs]? d"),
    (Theme.PARTNERS, r"partenaire|prestataire|fournisseur|contract|sous-trait|négoci"),
    (Theme.CHANGE, r"transition|conduite du changement|accompagner le changement|transformation"),
    (Theme.NETWORKS, r"réseaux sociaux|implantation|communauté"),
    (Theme.CONTENT, r"\bcontenus?\b|rédig|éditorial"),
    (Theme.MARKETING, r"marketing|communication|publicit|promotion"),
    (Theme.STRATEGY, r"stratégie|positionnement|modèle économique|étude de marché"),
    (Theme.OFFER, r"offre|concevoir|conception|cahier des charges|créer"),
    (Theme.PROJECT, r"projet|planif|planning|coordonn|piloter|suivre|organiser"),
    (Theme.TEACHING, r"former|formation|pédagog|apprenant|animer"),
    (Theme.CARE, r"\bsoins?\b|patient|usager|bénéficiaire|accueil|accompagner"),
    (Theme.SAFETY, r"sécurité|prévention|risque|qualité|conformité|hygiène"),
    (Theme.SALES, r"vente|client|commercial|prospect"),
)
_THEMES = tuple((theme, re.compile(stems, re.IGNORECASE)) for theme, stems in _STEMS)


def theme_of(wording: str) -> Theme:
    """Answer what a competency is about, from the register's own words; ANY when no stem is found.
    [design]
    """
    return next((theme for theme, stems in _THEMES if stems.search(wording)), Theme.ANY)
