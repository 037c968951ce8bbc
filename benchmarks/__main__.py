"""`make bench`: every measure beside its reference, in a small table; `--json FILE` keeps it, names choose some."""

import argparse
import json
import os
import platform
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    anonymous_load,
    api_changes,
    awaited_page,
    claims,
    closings,
    credentials,
    first_load,
    grants,
    heavy_upload,
    jury_reading,
    library,
    lists,
    livret,
    many_dossiers,
    matrix,
    page_images,
    pages,
    polling,
    register,
    restore_drill,
    search,
    second_reading,
    slow_phone,
    slow_upload,
    soak,
    upload,
    upload_s3,
)
from benchmarks.measure import Line, table

SUBJECTS = {
    "matrice": matrix,
    "dossiers": many_dossiers,
    "rattachements": claims,
    "pages": pages,
    "envois": upload,
    "envois-s3": upload_s3,
    "reseau": slow_upload,
    "gigaoctet": heavy_upload,
    "chargement": first_load,
    "telephone": slow_phone,
    "anonymes": anonymous_load,
    "attente": awaited_page,
    "images": page_images,
    "repertoire": register,
    "livret": livret,
    "listes": lists,
    "api": api_changes,
    "octrois": grants,
    "certificats": credentials,
    "seconde-lecture": second_reading,
    "clotures": closings,
    "recherche": search,
    "bibliotheque": library,
    "releve": polling,
    "reprise": restore_drill,
    "lecture": jury_reading,
    "endurance": soak,
}


def main() -> int:
    """Measure what is asked; the status is 0 when all could be measured and every target is met.

    A part that fails takes nothing of the others: what it measured before, and what they measure, is kept.
    """
    asked = _arguments()
    began, lines, failed = time.monotonic(), list[Line](), list[str]()
    for name in asked.subjects or SUBJECTS:
        print(f"{name}…", file=sys.stderr, flush=True)
        try:
            for line in SUBJECTS[name].measure():
                lines.append(line)
        except (Exception, SystemExit) as error:
            traceback.print_exception(error)
            failed.append(name)
        except KeyboardInterrupt:
            failed.append(name)
            break
        finally:
            if asked.json:
                _keep(asked.json, lines, failed)
    print(table(lines))
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    print(
        f"\n{os.cpu_count()} cœurs, Python {platform.python_version()}, charge {load}, {time.monotonic() - began:.0f} s"
    )
    if failed:
        print(f"Pas mesuré jusqu’au bout\u00a0: {', '.join(failed)}. La raison est écrite plus haut.", file=sys.stderr)
    return 0 if not failed and all(line.met is not False for line in lines) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("subjects", nargs="*", choices=[*SUBJECTS, []], help="ce qui est mesuré ; tout, sans précision")
    parser.add_argument("--json", type=Path, help="fichier où garder les mesures")
    return parser.parse_args()


def _keep(path: Path, lines: list[Line], failed: list[str]) -> None:
    told = {"measured_at": datetime.now(UTC).isoformat(timespec="seconds"), "cores": os.cpu_count()}
    told |= {"python": platform.python_version(), "load": os.getloadavg(), "failed": failed}
    told["lines"] = [line.as_json() for line in lines]
    path.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
