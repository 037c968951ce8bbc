"""The application, for any WSGI server."""

from portfolio import create_app
from portfolio.run.private_files import restrict_umask
from portfolio.run.settings import settings_or_exit
from portfolio.signing_key import LostKeyError

config = settings_or_exit()
restrict_umask(config.data)
try:
    app = create_app(config)
except LostKeyError as error:
    raise SystemExit(str(error)) from None
