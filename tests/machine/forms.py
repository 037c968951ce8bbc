"""Forms that the machine sends in place of a use case, for one history in twenty: what a page of the product would send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

from itsdangerous import URLSafeTimedSerializer

from tests import factories
from tests.machine.world import Store

# What signs an act, and says that it is meant.
SIGNED = {"sure": "y", "password": factories.PASSWORD}


@dataclass(frozen=True)
class Form:
    """Form that a person sends, and its address; empty where no form is sent."""

    who: str
    url: str
    typed: Mapping[str, Any] = field(default_factory=dict)


def day_typed(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def send(store: Store, form: Form) -> tuple[bool, str]:
    """Send a form from the browser of a person; return whether it was accepted, and what the page answers.

    A form sent from a page that another act made stale is refused as well: what matters is that nothing breaks.
    """
    client = store.browser(form.who)
    with client.session_transaction() as kept:
        secret = kept.setdefault("csrf_token", "of this client")
    token = URLSafeTimedSerializer(store.app.secret_key, salt="wtf-csrf-token").dumps(secret)
    answer = client.post(form.url, data={"csrf_token": str(token), "nonce": uuid4().hex, **form.typed})
    assert answer.status_code < 500, (form, answer.status_code)
    assert answer.status_code in (303, 403, 404, 409, 422), (form, answer.status_code)
    return answer.status_code == 303, answer.text[:2000]
