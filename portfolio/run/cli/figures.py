"""The figures of the installation, anonymous: how far people come, by body, month and route."""

import json
from dataclasses import asdict

import click
from flask.cli import with_appcontext

from portfolio.db.engine import read_session


@click.command("figures")
@with_appcontext
@click.option("--json", "as_json", is_flag=True, help="Les chiffres en JSON, pour un programme.")
def figures(*, as_json: bool) -> None:
    """Count people from the invitation to the certification, by body, month and route; cells under five are hidden."""
    from portfolio.domain.candidacy.rules.funnel import FunnelRow
    from portfolio.screens.certifier.figures.funnel import list_bodies
    from portfolio.wording.figures import FUNNEL, funnel_rows

    bodies = list(list_bodies(read_session()))
    if not as_json:
        for name, funnel in bodies:
            click.echo(name)
            for _theme, group, measure, value in funnel_rows(funnel):
                click.echo(f"  {group} · {measure} : {value or '–'}")
        return

    def told(row: FunnelRow) -> dict[str, object]:
        fields = asdict(row)
        steps = [step.value for step in FUNNEL]
        return {
            "counts": dict(zip(steps, fields["counts"], strict=True)),
            "median_days": dict(zip(steps, fields["days"], strict=True)),
            "median_active_minutes": row.minutes,
        }

    found = [
        {
            "body": name,
            "total": told(funnel.total),
            "months": {month: told(row) for month, row in funnel.months.items()},
            "routes": {route.value: told(row) for route, row in funnel.routes.items()},
            "leaving": {reason.value: number for reason, number in funnel.leaving.items()},
        }
        for name, funnel in bodies
    ]
    click.echo(json.dumps({"hidden_under": 5, "bodies": found}, ensure_ascii=False, indent=2))
