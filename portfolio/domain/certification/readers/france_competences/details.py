"""What else the published data says of an entry: organisations, acts, texts, nomenclatures, statistics,
correspondences.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from portfolio.domain.certification.readers.france_competences.texts import (
    answer_of,
    day_of,
    line_of,
    raw_of,
    text_of,
    whole_of,
)
from portfolio.domain.certification.rules.details import (
    Act,
    ActKind,
    CohortStatistics,
    Correspondence,
    EntryDetails,
    Habilitation,
    HabilitationState,
    Labelled,
    Partner,
    Passage,
    RegisteredCertifier,
)

ACT_KINDS = {"GENERAL": ActKind.GENERAL, "CREATION": ActKind.CREATION, "AUTRE": ActKind.OTHER}
HABILITATIONS = {
    "HABILITATION_FORMER": Habilitation.TRAIN,
    "HABILITATION_ORGANISER": Habilitation.ORGANISE,
    "HABILITATION_ORGA_FORM": Habilitation.BOTH,
}
STATES = {
    "actif": HabilitationState.ACTIVE,
    "inactif": HabilitationState.INACTIVE,
    "supprimé": HabilitationState.REMOVED,
}
# The name of each text, then its older names.
PASSAGES = (
    ("OBJECTIFS_CONTEXTE",),
    ("ACTIVITES_VISEES",),
    ("CAPACITES_ATTESTEES",),
    ("SECTEURS_ACTIVITE", "SECTEUR_ACTIVITE"),
    ("TYPE_EMPLOI_ACCESSIBLES",),
    ("REGLEMENTATIONS_ACTIVITES",),
    ("PREREQUIS_ENTREE_FORMATION",),
    ("PREREQUIS_VALIDATION_CERTIFICATION",),
    ("VALIDATION_PARTIELLE_PERIMETRE",),
)
RATES = ("TAUX_INSERTION_GLOBAL_6MOIS", "TAUX_INSERTION_METIER_6MOIS", "TAUX_INSERTION_METIER_2ANS")


def details_of(entry: etree._Element) -> EntryDetails:
    """Return the details of an entry; what is absent stays None or empty."""
    award = Labelled(line_of(entry, "ABREGE/CODE"), line_of(entry, "ABREGE/LIBELLE", "ABREGE/INTITULE"))
    return EntryDetails(
        award=award if award.code or award.label else None,
        page_state=line_of(entry, "ETAT_FICHE") or None,
        is_active=answer_of(raw_of(entry, "ACTIF")),
        registration_kind=line_of(entry, "TYPE_ENREGISTREMENT") or None,
        delivery_until=day_of(raw_of(entry, "DATE_LIMITE_DELIVRANCE")),
        web_address=web_address_of(entry),
        new_caledonia=answer_of(raw_of(entry, "ACCESSIBLE_NOUVELLE_CALEDONIE")),
        french_polynesia=answer_of(raw_of(entry, "ACCESSIBLE_POLYNESIE_FRANCAISE")),
        predecessors=other_entries(entry, "ANCIENNE"),
        successors=other_entries(entry, "NOUVELLE"),
        nsf=labelled(entry, "CODES_NSF/NSF"),
        rome=labelled(entry, "CODES_ROME/ROME"),
        formacodes=labelled(entry, "FORMACODES/FORMACODE"),
        agreements=(*labelled(entry, "CODES_IDCC/IDCC"), *_agreements(entry)),
        certifiers=tuple(_certifiers(entry)),
        partners=tuple(_partners(entry)),
        acts=tuple(_acts(entry)),
        passages=tuple(_passages(entry)),
        statistics=tuple(_statistics(entry)),
        correspondences=tuple(_correspondences(entry)),
    )


def web_address_of(entry: etree._Element) -> str | None:
    """Return the address of the certifier's page; a filling of stars and spaces is none."""
    address = line_of(entry, "LIEN_URL_DESCRIPTION", "LIEN_STATIQUES")
    return address if address.lower().startswith(("http://", "https://", "www.")) else None


def other_entries(entry: etree._Element, which: str) -> tuple[str, ...]:
    """Return the numbers of the entries before (ANCIENNE) or after (NOUVELLE): their "ID" holds a number of
    the register.
    """
    found = []
    for element in [*entry.iterfind(f"{which}S_CERTIFICATIONS/*"), *entry.iterfind(f"{which}_CERTIFICATION")]:
        numbers = [element.text or "", *(child.text or "" for child in element)]
        found += ["".join(number.split()).upper() for number in numbers if number.strip()]
    return tuple(dict.fromkeys(found))


def labelled(entry: etree._Element, path: str) -> tuple[Labelled, ...]:
    """Return the codes at a path with their labels."""
    rows = [
        Labelled(line_of(element, "CODE"), line_of(element, "LIBELLE", "INTITULE"))
        for element in entry.iterfind(path)
    ]
    return tuple(row for row in rows if row.code or row.label)


def _agreements(entry: etree._Element) -> Iterator[Labelled]:
    for rank in (1, 2, 3):
        row = Labelled(line_of(entry, f"CCN_{rank}/NUMERO"), line_of(entry, f"CCN_{rank}/LIBELLE"))
        if row.code or row.label:
            yield row


def _certifiers(entry: etree._Element) -> Iterator[RegisteredCertifier]:
    for certifier in entry.iterfind("CERTIFICATEURS/CERTIFICATEUR"):
        if name := line_of(certifier, "NOM_CERTIFICATEUR"):
            state = line_of(certifier, "ETAT_CERTIFICATEUR").lower()
            yield RegisteredCertifier(
                name=name,
                siret=line_of(certifier, "SIRET_CERTIFICATEUR") or None,
                is_active={"actif": True, "inactif": False}.get(state),
                trade_name=line_of(certifier, "NOM_COMMERCIAL") or None,
                website=line_of(certifier, "SITE_INTERNET") or None,
            )


def _partners(entry: etree._Element) -> Iterator[Partner]:
    for partner in entry.iterfind("PARTENAIRES/PARTENAIRE"):
        if name := line_of(partner, "NOM_PARTENAIRE"):
            yield Partner(
                name=name,
                siret=line_of(partner, "SIRET_PARTENAIRE") or None,
                habilitation=HABILITATIONS.get(line_of(partner, "HABILITATION_PARTENAIRE").upper()),
                state=STATES.get(line_of(partner, "ETAT_HABILITATION").lower()),
                active_since=day_of(raw_of(partner, "DATE_ACTIF")),
            )


def _acts(entry: etree._Element) -> Iterator[Act]:
    for name, kind in ACT_KINDS.items():
        for publication in entry.iterfind(f"PUBLICATION_DECRET_{name}/PUBLICATION_JO"):
            if title := line_of(publication, "TITRE"):
                yield Act(kind, title, day_of(raw_of(publication, "DATE_PUBLICATION_JO")))
    if reference := line_of(entry, "REFERENCE_DECRET_CREATION"):
        yield Act(ActKind.CREATION, reference)


def _passages(entry: etree._Element) -> Iterator[Passage]:
    for names in PASSAGES:
        if text := text_of(entry, *names):
            yield Passage(names[0], text)


def _statistics(entry: etree._Element) -> Iterator[CohortStatistics]:
    for cohort in entry.iterfind("STATISTIQUES_PROMOTIONS/*"):
        if cohort.tag in ("STATISTIQUES_PROMOTION", "STATISTIQUE_PROMOTION"):
            yield CohortStatistics(
                year=line_of(cohort, "ANNEE"),
                holders=whole_of(raw_of(cohort, "NOMBRE_CERTIFIES")),
                holders_vae=whole_of(raw_of(cohort, "NOMBRE_CERTIFIES_VAE")),
                rates=tuple(Labelled(name, rate) for name in RATES if (rate := line_of(cohort, name))),
            )


def _correspondences(entry: etree._Element) -> Iterator[Correspondence]:
    for correspondence in entry.iterfind("CORRESPONDANCES/CORRESPONDANCE"):
        codes = "BLOC_COMPETENCES/CODE"
        yield Correspondence(
            blocks=tuple(
                " ".join((code.text or "").split()) for code in correspondence.iterfind(f"SOURCE/{codes}")
            ),
            entry=line_of(correspondence, "DESTINATION/NUMERO_FICHE"),
            other_blocks=tuple(
                " ".join((code.text or "").split())
                for code in correspondence.iterfind(f"DESTINATION/{codes}")
            ),
        )
