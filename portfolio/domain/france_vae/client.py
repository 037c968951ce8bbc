"""Calls of the API of France VAE for certifiers: reads are tried again, writes never are by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import requests
from requests.adapters import BaseAdapter

_TIMEOUT, _READS = (5, 30), 3
_PAGE = 100
MAX_SENTENCE = 500
# Ways to an address without the network, by its beginning: the double of the demonstration.
ADAPTERS: dict[str, BaseAdapter] = {}


class Fault(StrEnum):
    """Reasons why France VAE could not be read."""

    KEY = "key"
    AWAY = "away"


class KeyRefusedError(OSError):
    """The key is unknown there, or was revoked."""


class RefusedError(Exception):
    """France VAE refuses, by a French sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence[:MAX_SENTENCE]


class Client:
    """France VAE as one certifying body sees it."""

    def __init__(self, base: str, key: str) -> None:
        self._base, self._session = base.rstrip("/"), requests.Session()
        for address, adapter in ADAPTERS.items():
            self._session.mount(address, adapter)
        self._session.trust_env = False
        self._session.headers.update({"Authorization": f"Bearer {key}", "Accept": "application/json"})

    def read(self, path: str, **query: Any) -> Any:
        """Return what is there; None when there is nothing. Raise as `write` does."""
        for left in reversed(range(_READS)):
            try:
                return self._data(self._call("GET", path, params=query))
            except KeyRefusedError:
                raise
            except OSError:
                if not left:
                    raise
        return None

    def pages(self, path: str, **query: Any) -> Iterator[Mapping[str, Any]]:
        """Yield every element of a list."""
        start = 0
        while found := self.read(path, decalage=start, limite=_PAGE, **query) or []:
            yield from found
            start += len(found)
            if len(found) < _PAGE:
                return

    def write(self, method: str, path: str, fields: Mapping[str, str], *, as_form: bool) -> None:
        """Send values once. Raise KeyRefusedError, RefusedError with the sentence of a refusal, or OSError when nobody
        knows whether they arrived.
        """
        form = {name: (None, value) for name, value in fields.items()}
        self._call(method, path, **({"files": form} if as_form else {"json": dict(fields)}))

    def _call(self, method: str, path: str, **more: Any) -> requests.Response:
        answer = self._session.request(method, self._base + path, timeout=_TIMEOUT, allow_redirects=False, **more)
        if answer.status_code in (401, 403):
            raise KeyRefusedError(str(answer.status_code))
        if answer.status_code == requests.codes.conflict:
            raise RefusedError(_sentence(answer))
        if answer.status_code >= 500 and _json(answer).get("code") == "FST_ERR_VALIDATION":
            raise RefusedError("")  # a form that it does not read is answered as a failure of its own
        if not answer.ok or answer.is_redirect:
            raise OSError(f"{method} {answer.status_code}")
        return answer

    @staticmethod
    def _data(answer: requests.Response) -> Any:
        if answer.status_code == requests.codes.no_content:
            return None
        told = _json(answer)
        return told.get("data", told)


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        raise OSError(f"no JSON: {answer.status_code}") from None
    return told if isinstance(told, dict) else {}


def _sentence(answer: requests.Response) -> str:
    told = _json(answer)
    return str(told.get("error") or told.get("message") or "")
