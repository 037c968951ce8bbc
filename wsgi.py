"""The application, for any WSGI server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portfolio.run.cli.commands import CommandLine, is_listing

if TYPE_CHECKING:
    from flask import Flask


def build() -> Flask:
    """Build the application from the environment; end this process with one sentence when it cannot be."""
    from sqlalchemy.exc import SQLAlchemyError

    from portfolio import create_app
    from portfolio.run.bootstrap import refuse_other_database
    from portfolio.run.supervisor import restrict_umask, settings_or_exit
    from portfolio.signing_key import LostKeyError

    config = settings_or_exit()
    restrict_umask(config.data)
    try:
        refuse_other_database(config)
        return create_app(config)
    except LostKeyError as error:
        raise SystemExit(str(error)) from None
    except SQLAlchemyError as error:  # before there is a key, the database says whether one has signed
        from portfolio.run.doctor import database_fault
        from portfolio.wording.doctor import finding_message

        raise SystemExit(finding_message(database_fault(error))) from None


app = CommandLine(build) if is_listing() else build()
