"""Measure the search of an entry in a whole export beside bare lxml, time and memory: `python benchmarks/register.py`.

The export is generated; `--entries 30000 --size 16000` gives the size of the published one, about 500 MB.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).parents[1]))

from lxml import etree

from benchmarks.measure import Line
from portfolio.domain.certification.readers import read_entry_file
from portfolio.domain.certification.readers.france_competences.selection import read_numbers

BLOCK = """<BLOC_COMPETENCES><CODE>RNCP{number}BC0{rank}</CODE><LIBELLE>Bloc {rank}</LIBELLE>
<LISTE_COMPETENCES>{skills}</LISTE_COMPETENCES>
<MODALITES_EVALUATION>Mise en situation    Étude de cas</MODALITES_EVALUATION></BLOC_COMPETENCES>"""
PARTNER = """<PARTENAIRE>
<NOM_PARTENAIRE>Partenaire {rank}</NOM_PARTENAIRE><SIRET_PARTENAIRE>12345678900011</SIRET_PARTENAIRE>
<HABILITATION_PARTENAIRE>HABILITATION_ORGA_FORM</HABILITATION_PARTENAIRE>
<ETAT_HABILITATION>Actif</ETAT_HABILITATION></PARTENAIRE>"""
ENTRY = """<FICHE>
<ID_FICHE>{number}</ID_FICHE><NUMERO_FICHE>RNCP{number}</NUMERO_FICHE>
<INTITULE>Certification {number}</INTITULE>
<NOMENCLATURE_EUROPE><NIVEAU>NIV6</NIVEAU></NOMENCLATURE_EUROPE><ACTIVITES_VISEES>{text}</ACTIVITES_VISEES>
<BLOCS_COMPETENCES>{blocks}</BLOCS_COMPETENCES>
<SI_JURY_VAE><ACTIF>Oui</ACTIF><COMPOSITION>2 experts</COMPOSITION></SI_JURY_VAE>
<PARTENAIRES>{partners}</PARTENAIRES><DATE_EFFET>01/01/2024</DATE_EFFET>
<DATE_FIN_ENREGISTREMENT>31/12/2028</DATE_FIN_ENREGISTREMENT>
<TYPE_ENREGISTREMENT>Enregistrement de droit</TYPE_ENREGISTREMENT></FICHE>
"""


def write_export(path: Path, entries: int, size: int) -> None:
    """Write an export of so many entries of about `size` bytes each."""
    skills = escape("  ".join(f"- Conduire l’activité numéro {rank} selon les règles du métier" for rank in range(6)))
    with path.open("w", encoding="utf-8") as file:
        file.write("<?xml version='1.0' encoding='utf-8'?>\n<FICHES><VERSION_FLUX>4.1</VERSION_FLUX>\n")
        for number in range(1, entries + 1):
            blocks = "".join(BLOCK.format(number=number, rank=rank, skills=skills) for rank in range(1, 4))
            partners = "".join(PARTNER.format(rank=rank) for rank in range(13))
            fixed = len(blocks) + len(partners) + 1200
            text = escape(
                f"Activité {number}. " + "Piloter, organiser et suivre un projet. " * max(0, (size - fixed) // 40)
            )
            file.write(ENTRY.format(number=number, blocks=blocks, partners=partners, text=text))
        file.write("</FICHES>\n")


def bare(path: Path) -> None:
    """Read every entry with lxml alone, in flat memory."""
    for _, element in etree.iterparse(str(path), tag="FICHE"):
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def subject(path: Path, number: str) -> None:
    """Find one entry with the product's reader."""
    with path.open("rb") as file:
        entry = read_entry_file(file, path.stat().st_size, path.name, number)
    if entry.code != number:
        raise SystemExit(f"{entry.code} was read instead of {number}")


def watch(path: Path) -> None:
    """Read 200 entries in one pass, as the nightly watch does."""
    with path.open("rb") as file:
        found = read_numbers(file, path.stat().st_size, [f"RNCP{number}" for number in range(1, 201)])
    if len(found) != 200:
        raise SystemExit(f"{len(found)} entries were read instead of 200")


def measure(entries: int = 30_000, size: int = 17_300) -> list[Line]:
    """Give the line of `python -m benchmarks repertoire`: an export of 500 MB read for one entry, beside bare lxml."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xml"
        write_export(path, entries, size)
        name = f"export de {entries} fiches, {path.stat().st_size / 1e6:.0f} Mo"
        found = {alone: _measured(alone, path, entries) for alone in ("bare", "subject", "watch")}
    lines = []
    for alone, what in (("subject", "une fiche importée"), ("watch", "200 fiches suivies")):
        ratio, memory = found[alone][0] / found["bare"][0], found[alone][1]
        subject_told = f"{found[alone][0]:.2f} s, {memory:.0f} Mo"
        lines.append(
            Line(
                f"{name} : {what}",
                f"lxml {found['bare'][0]:.2f} s",
                subject_told,
                f"{ratio:.2f} ×",
                "1,5 × et 150 Mo",
                ratio <= 1.5 and memory <= 150,
            )
        )
    return lines


def main() -> int:
    """Measure both in processes of their own; the status is 0 when both targets are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=3000)
    parser.add_argument("--size", type=int, default=16_000)
    parser.add_argument("--alone", choices=["bare", "subject", "watch"], help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    number = f"RNCP{asked.entries // 2}"
    if asked.alone:
        return _alone(asked.alone, asked.file, number)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xml"
        write_export(path, asked.entries, asked.size)
        print(f"{asked.entries} fiches, {path.stat().st_size / 1e6:.0f} Mo")
        found = {name: _measured(name, path, asked.entries) for name in ("bare", "subject")}
    ratio = found["subject"][0] / found["bare"][0]
    memory = found["subject"][1]
    for name, (seconds, megabytes) in found.items():
        print(f"{name:8} {seconds:7.2f} s de processeur, {megabytes:6.0f} Mo au plus")
    print(f"rapport {ratio:.2f} (cible 1,5), mémoire {memory:.0f} Mo (cible 150)")
    return 0 if ratio <= 1.5 and memory <= 150 else 1


def _measured(name: str, path: Path, entries: int) -> tuple[float, float]:
    command = [sys.executable, __file__, "--alone", name, "--file", str(path), "--entries", str(entries)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    seconds, megabytes = done.stdout.split()
    return float(seconds), float(megabytes)


def _alone(name: str, path: Path, number: str) -> int:
    began = time.process_time()
    if name == "bare":
        bare(path)
    elif name == "subject":
        subject(path, number)
    else:
        watch(path)
    print(time.process_time() - began, _most_memory())
    return 0


def _most_memory() -> float:
    """Return the most memory that this process held, in megabytes; `ru_maxrss` would count that of the
    process that began it.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
