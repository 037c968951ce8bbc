"""Print the tables of the second reading, for who reads the law rather than the code."""

from tests.second_reading import tables as t


def main() -> None:
    """Print each list of requirements, then each decision table, in French."""
    for title, rows in t.LISTS.items():
        print(f"\n{title}\n{'=' * len(title)}\n")
        for row in rows:
            print(f"- {row.name} — {row.says} [{row.source}]")
    for table in t.TABLES:
        print(f"\n{table.name}\n{'=' * len(table.name)}\n{table.source}. La première ligne qui convient décide.\n")
        for line in table.lines:
            asked = ", ".join(f"{name}{'' if yes else ' (non)'}" for name, yes in line.when.items())
            print(f"- {asked or 'sinon'} → {line.then}. {line.says}")


if __name__ == "__main__":
    main()
