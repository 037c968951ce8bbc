"""Write docs/ledger.md: what the ledger watches, and why it does not watch the rest."""

from collections.abc import Iterator
from pathlib import Path

from portfolio.all_models import metadata
from portfolio.db.care import table_care

PAGE = Path(__file__).parents[1] / "docs/ledger.md"


def page() -> str:
    """Return the page as the tables declare it."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# What the ledger watches"
    yield ""
    yield "Made from what each table declares (`portfolio/db/care.py`) by `python -m tools.ledger_table`."
    yield ""
    yield "| Table | Watched | How, or why not |"
    yield "|---|---|---|"
    for table in sorted(metadata.tables):
        care = table_care(metadata.tables[table])
        if care.is_recorded:
            yield f"| `{table}` | yes | every column, once: a row is never changed |"
        elif care.is_tracked:
            yield f"| `{table}` | yes | every column, from the moment it is a fact, and each later change |"
        else:
            yield f"| `{table}` | {'by day' if table == 'audit_event' else 'no'} | {care.no_fact} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page())
