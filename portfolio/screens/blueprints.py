"""Find the blueprints of all screens, so that a new screen is served as soon as its module exists."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from flask import Blueprint

SCREENS = Path(__file__).parent
TOP = SCREENS.parents[1]


@cache
def all_blueprints() -> tuple[Blueprint, ...]:
    """Import every module under `portfolio.screens` and return each blueprint once, in the order of its
    name.
    """
    modules = [
        import_module(".".join(path.relative_to(TOP).with_suffix("").parts))
        for path in sorted(SCREENS.rglob("*.py"))
    ]
    found = {
        id(value): value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Blueprint)
    }
    return tuple(sorted(found.values(), key=lambda blueprint: blueprint.name))
