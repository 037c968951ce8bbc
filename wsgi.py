"""The application, for any WSGI server."""

from config import Config
from portfolio import create_app

app = create_app(Config.from_env())
