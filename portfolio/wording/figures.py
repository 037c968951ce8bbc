"""Figures, in French."""

from collections.abc import Iterator, Mapping
from typing import Any

from portfolio.domain.jury.rules.conditions import Agreement, Delays
from portfolio.domain.jury.rules.enums import FindingValue
from portfolio.french_text import NBSP, count

STEPS: Mapping[str, str] = {
    "admissible": "Candidatures recevables",
    "submitted": "Dossier déposé",
    "heard": "Personne entendue par un jury",
    "granted": "Au moins un bloc accordé",
    "certified": "Certification entière obtenue",
}


def agreement_message(agreement: Agreement) -> str:
    """Return how far members agreed before deliberating; the number is Krippendorff's alpha."""
    if agreement.unanimous:
        return "tous du même avis"
    if agreement.alpha is None:
        return "trop peu de dossiers pour le dire"
    value = float(agreement.alpha)
    words = "accord fort" if value >= 0.8 else "accord moyen" if value >= 0.667 else "accord faible"
    return f"{words} (alpha {value:.2f})".replace(".", ",")


def delays_message(delays: Delays) -> str:
    """Return the median and the longest of some delays."""
    if delays.median is None or delays.longest is None:
        return "aucun dossier"
    middle = f"{delays.median:g}".replace(".", ",")
    most = f"{count(delays.longest, 'jour')} au plus ({count(delays.dossiers, 'dossier')})"
    days = "jour" if delays.median < 2 else "jours"
    return f"{middle}{NBSP}{days} pour la moitié des dossiers, {most}"


def table_rows(figures: Any) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the CSV: what is counted, of what, and the number."""
    yield ("Thème", "Objet", "Mesure", "Nombre")
    yield ("Jurys", "Auditions", "Personnes entendues", str(figures.heard))
    yield ("Jurys", "Auditions", "Absences", str(figures.absent))
    yield ("Jurys", "Auditions", "Séances sans effet", str(figures.void))
    for step in figures.steps:
        yield ("Parcours", "Candidatures", STEPS[step.step], str(step.number))
    for block in figures.blocks:
        name = f"{block.code}, bloc {block.number} : {block.title}"
        yield ("Blocs", name, "Présentés", str(block.presented))
        yield ("Blocs", name, "Accordés", str(block.granted))
        yield ("Blocs", name, "Refusés", str(block.refused))
    for line in figures.competencies:
        name = f"{line.label} {line.text}"
        for value, words in (
            (FindingValue.ACQUIRED, "Acquise"),
            (FindingValue.PARTIALLY, "Partiellement acquise"),
            (FindingValue.NOT_ACQUIRED, "Non acquise"),
        ):
            yield ("Compétences", name, words, str(line.found.get(value, 0)))
        alpha = line.agreement.alpha
        yield ("Compétences", name, "Accord entre membres (alpha)", "" if alpha is None else f"{float(alpha):.3f}")
    for year in figures.years:
        yield ("Renouvellement", str(year.year), "Personnes certifiées", str(year.certified))
        yield ("Renouvellement", str(year.year), "Certifiées par la VAE", str(year.by_vae))
        yield ("Renouvellement", str(year.year), "Blocs accordés par un jury", str(year.blocks))
    for name, delays in (
        ("Du dépôt au jury", figures.to_jury),
        ("De la décision à la notification", figures.to_letter),
    ):
        yield ("Délais", name, "Médiane en jours", "" if delays.median is None else f"{delays.median:g}")
        yield ("Délais", name, "Maximum en jours", "" if delays.longest is None else str(delays.longest))
    yield ("Délais", "De la décision à la notification", "Notifications après 15 jours", str(figures.late_letters))
