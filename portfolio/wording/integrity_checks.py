"""What the nightly checks found, in French."""

from __future__ import annotations

from collections.abc import Sequence

from portfolio.domain.integrity_checks.models import IntegrityCheck
from portfolio.french_text import count
from portfolio.wording.ledger import audit_day_message

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
