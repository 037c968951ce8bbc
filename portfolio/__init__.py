"""Acquis: a VAE applicant's evidence, its sealed dossier, the jury's decisions, the permanent certificates."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Config


def create_app(config: Config) -> Flask:
    """Wire the application. Imported late: reading a rule of VAE must not load Flask."""
    from portfolio.run.supervisor import without_garbage_collection

    with without_garbage_collection():
        from portfolio.app import build_app

        return build_app(config)
