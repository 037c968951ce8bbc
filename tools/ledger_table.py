"""Write docs/ledger.md: what the ledger watches, and why it does not watch the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from portfolio.domain.ledger.rules.acts import NOT_FACTS, RECORDED, TRACKED

PAGE = Path(__file__).parents[1] / "docs/ledger.md"


def page() -> str:
    """Return the page as `portfolio/domain/ledger/rules/acts.py` has it."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# What the ledger watches"
    yield ""
    yield "Made from `portfolio/domain/ledger/rules/acts.py` by `python -m tools.ledger_table`."
    yield ""
    yield "| Table | Watched | How, or why not |"
    yield "|---|---|---|"
    for table in sorted({*RECORDED, *TRACKED, *NOT_FACTS}):
        if table in RECORDED:
            yield f"| `{table}` | yes | every column, once: a row is never changed |"
        elif table in TRACKED:
            yield f"| `{table}` | yes | every column, from the moment it is a fact, and each later change |"
        elif table == "audit_event":
            yield f"| `{table}` | by day | {NOT_FACTS[table]} |"
        else:
            yield f"| `{table}` | no | {NOT_FACTS[table]} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page())
