"""Blueprints of the screens: named as their folders, and found, so that a new screen is served as soon as its
module exists.
"""

from functools import cache
from importlib import import_module
from pathlib import Path

from flask import Blueprint

SCREENS = Path(__file__).parent
TOP = SCREENS.parents[1]


def blueprint_of(module: str) -> Blueprint:
    """Return the blueprint of the screen whose folder holds a module, named as the folder; one for all its modules."""
    return _of_folder(module.rsplit(".", 1)[0])


@cache
def _of_folder(folder: str) -> Blueprint:
    return Blueprint(folder.rsplit(".", 1)[1], __name__)


@cache
def all_blueprints() -> tuple[Blueprint, ...]:
    """Import every module under `portfolio.screens` and return one blueprint an audience.

    It holds those of the screens of its folder: the endpoint of a page is `audience.screen.view`.
    """
    screens: dict[str, dict[str, Blueprint]] = {}
    for path in sorted(SCREENS.rglob("*.py")):
        place = path.relative_to(TOP).with_suffix("").parts
        blueprint = getattr(import_module(".".join(place)), "bp", None)
        if blueprint is not None:
            screens.setdefault(place[2], {})[blueprint.name] = blueprint
    audiences = []
    for audience, found in screens.items():
        parent = Blueprint(audience, __name__)
        for name in sorted(found):
            parent.register_blueprint(found[name])
        audiences.append(parent)
    return tuple(audiences)
