"""A real server, and the session cookies that it meets."""

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from flask.sessions import SecureCookieSession

from tests.web.test_answers import serving


@pytest.fixture
def start(app) -> Callable[..., int]:
    """Start a server with these settings, and return its port."""
    with ExitStack() as running:

        def begin(**settings: int) -> int:
            app.config["SETTINGS"] = app.config["SETTINGS"].with_changes(**settings)
            return running.enter_context(serving(app, app.config["MAX_CONTENT_LENGTH"]))

        yield begin


@pytest.fixture
def signed(app) -> Callable[..., str]:
    """Sign a session cookie that holds these values, as the application does."""

    def sign(**values: object) -> str:
        serializer = app.session_interface.get_signing_serializer(app)
        return f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(dict(SecureCookieSession(values)))}"

    return sign
