"""Find the blueprints of all screens, so that a new screen is served as soon as its module exists."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from flask import Blueprint

from portfolio import screens


@cache
def all_blueprints() -> tuple[Blueprint, ...]:
    """Import every module under `portfolio.screens` and return each blueprint once, in the order of its
    name.
    """
    modules = [
        import_module(found.name) for found in pkgutil.walk_packages(screens.__path__, "portfolio.screens.")
    ]
    found = {
        id(value): value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Blueprint)
    }
    return tuple(sorted(found.values(), key=lambda blueprint: blueprint.name))
