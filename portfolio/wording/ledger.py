"""French report of a check of the ledger.

What the nightly checks found, in French.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from portfolio.db.care import table_care
from portfolio.db.engine import Base
from portfolio.domain.integrity_checks.models import IntegrityCheck
from portfolio.domain.ledger.rules.chain import Checkpoint
from portfolio.domain.ledger.rules.comparing import Change, Difference, VerificationReport
from portfolio.domain.ledger.witness import WitnessCheck
from portfolio.french_text import NBSP, count, date_fr

_SALTS: Mapping[str, str] = {"facts": "de ses identifiants, codes et dates", "words": "de ses textes et noms"}


def difference_message(found: Difference) -> str:
    """Say which row differs first, and what kind of change it is."""
    return _SENTENCES[found.change](found)


def _row(found: Difference) -> str:
    table = Base.metadata.tables.get(found.table)
    name = found.table if table is None else table_care(table).name or found.table
    return f"{name} ({found.table}, {_name(found.row)})"


def _name(row: str) -> str:
    return f"n°{NBSP}{row}" if row.lstrip("-").isdigit() and len(row) < 20 else _as_uuid(row)


def _as_uuid(row: str) -> str:
    try:
        return f"ligne {UUID(row)}"
    except ValueError:
        return f"ligne {row}"


def _at(found: Difference) -> str:
    return "" if found.seq is None else f" Entrée n°{NBSP}{found.seq} du registre."


def _stretch(found: Difference) -> str:
    if found.other in {None, found.row}:
        return f"l’entrée n°{NBSP}{found.row}"
    return f"les entrées n°{NBSP}{found.row} à {found.other}"


def _changed(found: Difference) -> str:
    if found.column is None:
        return f"Modifié{NBSP}: {_row(found)}. Plusieurs colonnes, ou une que rien ne permet de nommer.{_at(found)}"
    renamed = f" Elle vaut maintenant {found.other}." if found.other else ""
    return f"Modifié{NBSP}: {_row(found)}, colonne «{NBSP}{found.column}{NBSP}».{renamed}{_at(found)}"


def _deleted(found: Difference) -> str:
    if found.table == "ledger_entry":
        return f"Supprimé{NBSP}: {_stretch(found)} du registre des actes."
    return f"Supprimé{NBSP}: {_row(found)}.{_at(found)}"


def _swapped(found: Difference) -> str:
    return f"Échangé{NBSP}: {_row(found)}, avec {_name(found.other or '')}.{_at(found)}"


def _inserted(found: Difference) -> str:
    if found.table == "ledger_entry":
        return f"Ajouté{NBSP}: {_row(found)}, qui n’est pas à sa place."
    return f"Ajouté{NBSP}: {_row(found)}. Aucune entrée du registre ne l’atteste."


def _entry_rewritten(found: Difference) -> str:
    return f"Réécrit{NBSP}: {_row(found)}. L’entrée n°{NBSP}{found.other} ne s’enchaîne plus avec elle."


def _erased(found: Difference) -> str:
    what = _SALTS.get(found.column or "", "")
    return (
        f"Effacé sans acte d’effacement{NBSP}: {_row(found)}. Le sel {what} manque, et rien ne dit qui l’a "
        f"effacé.{_at(found)}"
    )


def _seal_broken(found: Difference) -> str:
    if found.column == "root":
        return f"Racine différente{NBSP}: {_row(found)}. Le manifeste enregistré ne donne plus la racine du dépôt."
    where = f", pièce {found.other}" if found.other else ""
    column = f", colonne «{NBSP}{found.column}{NBSP}»" if found.column else ""
    return f"Contradiction{NBSP}: {_row(found)}{column}{where}. Le manifeste dit autre chose."


def _audit_day(found: Difference) -> str:
    return audit_day_message(date.fromisoformat(found.row))


def audit_day_message(day: date) -> str:
    """Say from which day on the audit log is not what it was."""
    return (
        f"Le journal des actes du {date_fr(day)} ne donne plus l’empreinte enregistrée le lendemain{NBSP}: "
        "une ligne a été modifiée, supprimée ou ajoutée. C’est le premier jour qui diffère."
    )


def _not_signed(found: Difference) -> str:
    return (
        f"Sans signature{NBSP}: {_stretch(found)} du registre des actes. Elles n’ont pas été écrites par "
        "l’application, ou leur signature a été supprimée."
    )


def _rewritten(found: Difference) -> str:
    return f"Réécrit{NBSP}: le registre se suit, mais n’est plus celui qui a été signé{NBSP}: {_stretch(found)}."


def _cut(found: Difference) -> str:
    return f"Coupé{NBSP}: {_stretch(found)} du registre des actes, signées, n’y sont plus."


def _foreign(found: Difference) -> str:
    return f"La tête n°{NBSP}{found.row} n’est signée par aucune clé de cette installation{NBSP}: elle ne prouve rien."


_SENTENCES: Mapping[Change, Callable[[Difference], str]] = {
    Change.COLUMN_CHANGED: _changed,
    Change.ROW_DELETED: _deleted,
    Change.ROWS_SWAPPED: _swapped,
    Change.ROW_INSERTED: _inserted,
    Change.ENTRY_REWRITTEN: _entry_rewritten,
    Change.ERASED_WITHOUT_ACT: _erased,
    Change.SEAL_BROKEN: _seal_broken,
    Change.AUDIT_DAY: _audit_day,
    Change.NOT_SIGNED: _not_signed,
    Change.REWRITTEN: _rewritten,
    Change.TAIL_CUT: _cut,
    Change.FOREIGN_HEAD: _foreign,
}


def checkpoint_message(head: Checkpoint) -> str:
    """Return the head as it is printed: its number and its hash, in groups that can be read aloud."""
    groups = " ".join(head.hash[at : at + 8] for at in range(0, len(head.hash), 8))
    return f"n°{NBSP}{head.seq} · {groups}"


def verification_messages(found: VerificationReport, outside: int) -> list[str]:
    """Say all that a check found, in a few lines; `outside` heads were given to hold the ledger against."""
    if found.difference is not None:
        return ["Le registre des actes a été altéré. Première différence :", difference_message(found.difference)]
    lines = [f"Registre des actes intact{NBSP}: {count(found.entries, 'entrée vérifiée', 'entrées vérifiées')}."]
    if found.erased:
        lines.append(
            f"Effacé{NBSP}: les textes et noms de {count(found.erased, 'entrée', 'entrées')}, par acte d’effacement."
        )
    if found.head is not None:
        lines.append(f"Tête{NBSP}: {checkpoint_message(found.head)}")
    if outside:
        lines.append(f"{count(outside, 'tête gardée ailleurs concorde', 'têtes gardées ailleurs concordent')}.")
    elif found.entries:
        lines.append("Sans --head, une fin coupée ou une réécriture complète par qui tient la clé ne se verraient pas.")
    return lines


def witness_message(found: WitnessCheck) -> str:
    """Say whether the ledger is still the one that a witness kept."""
    if found.stamp_fault:
        return f"{found.file}{NBSP}: son horodatage n’est pas exact ({found.stamp_fault})."
    dated = f", datée du {found.stamped_at} par l’autorité d’horodatage" if found.stamped_at else ""
    if found.agrees:
        return f"{found.file}{NBSP}: les {found.size} premières entrées sont celles de cette empreinte{dated}."
    return (
        f"{found.file}{NBSP}: le registre A ÉTÉ CHANGÉ. Ses {found.size} premières entrées ne sont plus celles "
        f"de cette empreinte{dated}, même si la base se vérifie avec sa clé."
    )


def checked_as_json(found: VerificationReport) -> dict[str, Any]:
    """Give what a check found to a program."""
    difference = found.difference
    return {
        "ok": found.ok,
        "entries": found.entries,
        "erased": found.erased,
        "head": found.head._asdict() if found.head else None,
        "first_difference": None
        if difference is None
        else {
            "kind": str(difference.change),
            "table": difference.table,
            "row": difference.row,
            "column": difference.column,
            "seq": difference.seq,
            "other": difference.other,
            "sentence": difference_message(difference),
        },
    }


_SAYS = {
    True: "Tout est tel qu’il a été enregistré.",
    False: "Une différence a été trouvée.",
    None: "Cette vérification n’est pas allée au bout.",
}


def check_messages(found: IntegrityCheck | None) -> Sequence[tuple[str, str]]:
    """Say what each check of a run found: its name, then its outcome."""
    if found is None:
        return ()
    files = _SAYS[found.files]
    if found.files and found.files_until:
        files = "Aucune différence dans les fichiers lus. Les autres sont lus les nuits suivantes."
    database = _SAYS[True] if found.database else "La base est abîmée, ou n’a pas pu être lue jusqu’au bout."
    ledger = audit_day_message(found.audit_day) if found.audit_day else _SAYS[found.ledger]
    return (
        ("Base de données", database),
        ("Registre des actes", ledger),
        ("Attributions de blocs", _SAYS[found.grants]),
        ("Fichiers conservés", files),
        ("Procès-verbaux clos", _decisions(found.decisions)),
    )


def _decisions(found: Sequence[object] | None) -> str:
    if found is None:
        return _SAYS[None]
    if not found:
        return "Aucune décision ne contredit ses votes, sa règle ou la loi."
    return f"{count(len(found), 'contradiction')}, dans l’ensemble de cette installation."
