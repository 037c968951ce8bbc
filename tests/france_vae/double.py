"""The double of France VAE on a network that cuts, each request checked against the published contract."""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import requests
import yaml
from flask import Flask
from flask import request as received
from jsonschema import Draft4Validator, FormatChecker

from demo.france_vae import SITE, FranceVae, Line

BASE = f"{SITE}/interop/v1"
# The published contract, when the machine that tests has it.
CONTRACT = os.environ.get("ACQUIS_FRANCE_VAE", "")


class Double(FranceVae):
    """A double whose day the test sets, and what passed on the way to it."""

    def __init__(self) -> None:
        super().__init__(lambda: date(2027, 1, 15))
        # Calls to cut, by their rank from now: before they arrive, or once they have arrived.
        self.cuts: dict[int, str] = {}
        self.calls: list[tuple[str, str]] = []
        self.faults: list[str] = []


class CutLine(Line):
    """The way to the double: it checks what passes against the contract, and cuts where the test says."""

    double: Double

    def __init__(self, double: Double) -> None:
        super().__init__(double)
        self.contract = yaml.safe_load(Path(CONTRACT).read_text()) if CONTRACT else None

    def send(self, request: requests.PreparedRequest, *_args: Any, **_more: Any) -> requests.Response:
        double, rank = self.double, len(self.double.calls)
        double.calls.append((request.method or "", request.path_url.partition("?")[0]))
        if double.cuts.get(rank) == "before":
            raise requests.ConnectionError("cut on the way")
        answer = super().send(request)
        if self.contract:
            double.faults += contract_faults(self.contract, request)
        if double.cuts.get(rank) == "after":
            raise requests.ConnectionError("cut on the way back")
        return answer


def contract_faults(contract: Mapping[str, Any], asked: requests.PreparedRequest) -> list[str]:
    """Return what a request has that the published contract does not."""
    path = asked.path_url.partition("?")[0].removeprefix("/interop")
    parts = path.split("/")
    named = "/".join("{candidatureId}" if rank == 3 else part for rank, part in enumerate(parts))
    operation = contract["paths"].get(named, {}).get((asked.method or "").lower())
    if operation is None:
        return [f"{asked.method} {named} is not there"]
    body = operation.get("requestBody")
    if body is None:
        return [] if not asked.body else [f"{named} takes no body"]
    kind = str(asked.headers["Content-Type"]).partition(";")[0]
    content = body["content"].get(kind)
    if content is None:
        return [f"{named} takes no {kind}"]
    with Flask(__name__).test_request_context(method="POST", data=asked.body, headers=dict(asked.headers)):
        value = received.get_json() if kind == "application/json" else received.form.to_dict()
    schema = {**content["schema"], "components": contract["components"]}
    validator = Draft4Validator(schema, format_checker=FormatChecker())
    unknown = set(value) - set(
        contract["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]["properties"]
    )
    return [error.message for error in validator.iter_errors(value)] + [f"unknown {name}" for name in sorted(unknown)]
