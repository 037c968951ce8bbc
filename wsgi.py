"""The application, for any WSGI server."""

from sqlalchemy.exc import SQLAlchemyError

from portfolio import create_app
from portfolio.run.environment import restrict_umask, settings_or_exit
from portfolio.signing_key import LostKeyError

config = settings_or_exit()
restrict_umask(config.data)
try:
    app = create_app(config)
except LostKeyError as error:
    raise SystemExit(str(error)) from None
except SQLAlchemyError as error:  # before there is a key, the database says whether one has signed
    from portfolio.run.doctor import database_fault
    from portfolio.wording.doctor import finding_message

    raise SystemExit(finding_message(database_fault(error))) from None
