"""The application, for any WSGI server."""

from config import Config
from portfolio import create_app
from portfolio.private_files import keep_private

config = Config.from_env()
keep_private(config.data)
app = create_app(config)
