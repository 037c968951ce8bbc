"""The application, for any WSGI server."""

from config import Config
from portfolio import create_app
from portfolio.run.private_files import restrict_umask

config = Config.from_env()
restrict_umask(config.data)
app = create_app(config)
