"""Both editions of a dossier of sixty real files, made and followed: `ACQUIS_CORPUS=… python -m
benchmarks.livret_check FOLDER`.

Each file is opened with pdfium and `qpdf --check`; thirty claims chosen at random are followed to the page
that they name, and back; each page of an exhibit bears its stamp; the text of the book holds every narrative.
`veraPDF` looks at the archival edition where it is installed. FOLDER keeps the dossier and the editions: a
second run makes only the editions again.
"""

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pypdfium2
from sqlalchemy import select

from benchmarks.livret_scene import build
from config import Config
from portfolio.app import build_app
from portfolio.backup.migration import upgrade
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.dossier.rules.citation import cited_pages
from portfolio.domain.submission.rules.dossier import SealedClaim, SealedDossier
from portfolio.domain.submission.rules.returns import EditionKind
from portfolio.domain.submission.use_cases.editions import PrintableDossier, load_printable
from portfolio.run.worker import edition_worker

CORPUS = Path(os.environ.get("ACQUIS_CORPUS", ""))
FOLLOWED = 30
_STAMP = re.compile(r"Pièce ((?:A|B\d+)-\d+) · p\. (\d+)/(\d+)")
_COVER = re.compile(r"P ?I ?È ?C ?E\s+((?:A|B\d+)-\d+)\s")


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the book: its page, the page that it opens (both from 0), and what is written under it."""

    page: int
    target: int
    text: str


def main() -> int:
    """Make the editions, and print each fault and what was not asked; the status is 0 without any fault."""
    if not CORPUS.is_absolute() or not CORPUS.is_dir():
        print("ACQUIS_CORPUS ne désigne aucun dossier : donnez le chemin complet des fichiers.")
        return 2
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    faults = list(_faults(folder))
    asked = "qpdf, pdfium et veraPDF" if shutil.which("verapdf") else "qpdf et pdfium ; veraPDF n’est pas installé"
    print("\n".join(faults) or f"Aucun défaut trouvé par {asked}.")
    return 1 if faults else 0


def _faults(folder: Path) -> Iterator[str]:
    app = build_app(Config.from_env({"DATA": str(folder / "data"), "PORT": "8106"}))
    with app.app_context():
        printable = _printable(app, folder)
        for kind in (EditionKind.READING, EditionKind.ARCHIVAL):
            path = folder / f"{kind.value}.pdf"
            with edition_worker(app).made(printable, kind) as (made, _):
                shutil.copyfile(made, path)
            yield from (f"{kind.value} : {fault}" for fault in faults_of(path, printable.dossier))


def _printable(app, folder: Path) -> PrintableDossier:  # type: ignore[no-untyped-def]
    database = app.extensions["database"]
    if not (folder / "built").exists():
        upgrade(app.config["SETTINGS"].database_url)
        build(app, CORPUS)
        (folder / "built").touch()
    with database.reader() as session:
        return load_printable(session, session.scalars(select(Submission.id)).one())


def faults_of(path: Path, dossier: SealedDossier) -> Iterator[str]:
    """Open an edition, and yield what is wrong with it."""
    checked = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True)  # noqa: S603, S607
    if checked.returncode or "WARNING" in checked.stdout + checked.stderr:
        yield f"qpdf : {checked.stdout} {checked.stderr}"
    texts, links = _read(path)
    stamps = {(one[1], int(one[2])): page for page, text in enumerate(texts) if (one := _STAMP.search(text))}
    covers = {one[1]: page for page, text in enumerate(texts) if (one := _COVER.search(text))}
    yield from _unstamped(texts, stamps, covers)
    yield from _lost_claims(dossier, links, stamps, covers, texts)
    whole = " ".join(" ".join(texts).split())
    for block in dossier.blocks:
        for competency in block.competencies:
            story = competency.narrative
            for text in (story.situation, story.actions, story.choices, story.result):
                lost = [line for line in text.splitlines() if _first_words(line) not in whole]
                yield from (f"le récit {competency.number} a perdu « {line[:60]} »" for line in lost)
    if verapdf := shutil.which("verapdf"):
        for flavour in ("3b", "ua1") if path.stem == "archival" else ():
            report = subprocess.run(  # noqa: S603
                [verapdf, "--format", "text", "-f", flavour, str(path)], capture_output=True, text=True
            )
            if not report.stdout.startswith("PASS"):
                yield f"veraPDF {flavour} : {report.stdout} {report.stderr}"


def _first_words(line: str) -> str:
    """Return the first words of a line: few enough to stand on one page, without the mark of a list."""
    return " ".join(line.lstrip("-• ").split()[:6])


def _read(path: Path) -> tuple[list[str], list[Link]]:
    texts, links = [], []
    opened = pypdfium2.PdfDocument(path)
    with pikepdf.open(path) as pdf:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
        for number, page in enumerate(opened):
            shown = page.get_textpage()
            texts.append(shown.get_text_bounded().replace("\r", "").replace("\u00a0", " ").replace("\u202f", " "))
            for note in pdf.pages[number].obj.get("/Annots", ()):
                target = note.get("/Dest")
                if isinstance(target, pikepdf.Array) and target[0].objgen in numbers:
                    under = shown.get_text_bounded(*(float(side) for side in note.Rect)).replace("\u00a0", " ")
                    links.append(Link(number, numbers[target[0].objgen], " ".join(under.split())))
    opened.close()
    return texts, links


def _unstamped(texts: Sequence[str], stamps: dict[tuple[str, int], int], covers: dict[str, int]) -> Iterator[str]:
    """Yield the pages after the first cover note that are neither a cover note nor a stamped page, nor follow
    a long one.
    """
    known = {*stamps.values(), *covers.values()}
    first = min(covers.values(), default=len(texts))
    counted: dict[str, int] = {}
    for page in sorted(stamps.values()):
        found = _STAMP.search(texts[page])
        if found:
            counted[found[1]] = int(found[3])
    for label, most in counted.items():
        yield from (
            f"la page {page} de {label} ne porte pas son repère"
            for page in range(1, most + 1)
            if (label, page) not in stamps
        )
    for page in range(first, len(texts)):
        if page not in known and not texts[page].strip():
            yield f"la page {page + 1} est vide"


def _lost_claims(
    dossier: SealedDossier,
    links: Sequence[Link],
    stamps: dict[tuple[str, int], int],
    covers: dict[str, int],
    texts: Sequence[str],
) -> Iterator[str]:
    """Follow claims chosen at random: each opens the page that it names, and that page leads back to where it
    is told.
    """
    every = [
        (competency.number, claim)
        for block in dossier.blocks
        for competency in block.competencies
        for claim in competency.claims
    ]
    first = min(covers.values())
    for number, claim in random.Random(11).sample(every, min(FOLLOWED, len(every))):  # noqa: S311 - a choice to look at
        wanted, words = _expected(dossier, claim, stamps, covers)
        there = [link for link in links if link.page < first and link.target == wanted and link.text.startswith(words)]
        if not any(claim.exhibit in texts[link.page] for link in there):
            yield f"{number} ne mène pas à la page de {claim.exhibit} ({claim.passage or 'toute la pièce'})"
        note = _note_pages(covers[claim.exhibit], stamps, covers, len(texts))
        back = [link for link in links if link.page in note and link.text == number]
        if not any(claim.exhibit in texts[link.target] for link in back):
            yield f"{claim.exhibit} ne ramène pas à {number}"


def _note_pages(first: int, stamps: dict[tuple[str, int], int], covers: dict[str, int], count: int) -> range:
    """Return the pages of a cover note: that of a film may take several."""
    known = (*stamps.values(), *covers.values())
    return range(first, min((page for page in known if page > first), default=count))


def _expected(
    dossier: SealedDossier, claim: SealedClaim, stamps: dict[tuple[str, int], int], covers: dict[str, int]
) -> tuple[int, str]:
    """Return the page that a claim has to open, and how its link begins."""
    exhibit = dossier.exhibit(claim.exhibit)
    pages = cited_pages(claim.passage, exhibit.measure) if exhibit else ()
    if pages and (claim.exhibit, pages[0]) in stamps:
        return stamps[claim.exhibit, pages[0]], f"p. {pages[0]}"
    return covers[claim.exhibit], "" if claim.passage else "toute la pièce"


if __name__ == "__main__":
    raise SystemExit(main())
