"""The description of the API is valid, served as it says, and never breaks a program that was written against it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate
from schemathesis.specs.openapi.checks import positive_data_acceptance

from portfolio.screens.api.v1.description import description, openapi
from portfolio.screens.api.v1.operations import OPERATIONS
from portfolio.screens.blueprints import all_blueprints
from tests.api.test_api import LINE, program_of

PUBLISHED = Path(__file__).with_name("openapi.json")
all_blueprints()  # each operation is described once its module is there


def _broken(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """Yield what a program that follows the first description would miss under the second."""
    for path, operations in before["paths"].items():
        for method, operation in operations.items():
            now = after["paths"].get(path, {}).get(method)
            if now is None:
                yield f"{method} {path} is gone"
                continue
            known = {part["name"] for part in now["parameters"]}
            yield from (
                f"{method} {path}: {part['name']} is gone"
                for part in operation["parameters"]
                if part["name"] not in known
            )
            required = {part["name"] for part in now["parameters"] if part.get("required")}
            asked = {part["name"] for part in operation["parameters"]}
            yield from (f"{method} {path} asks {name}" for name in sorted(required - asked))
    for name, schema in before["components"]["schemas"].items():
        now = after["components"]["schemas"].get(name)
        if now is None:
            yield f"{name} is gone"
            continue
        yield from (f"{name}.{one} is gone" for one in schema.get("properties", {}) if one not in now["properties"])
        yield from (f"{name} says no {value}" for value in schema.get("enum", ()) if value not in now["enum"])
        if schema.get("additionalProperties") is False:  # what is sent
            new = set(now.get("required", ())) - set(schema.get("required", ()))
            yield from (f"{name} asks {one}" for one in sorted(new))
        else:
            lost = set(schema.get("required", ())) - set(now.get("required", ()))
            yield from (f"{name} no longer always has {one}" for one in sorted(lost))


def test_the_description_is_valid_and_breaks_no_program():
    validate(description())
    published = json.loads(PUBLISHED.read_text())
    assert list(_broken(published, description())) == []
    assert published == json.loads(openapi()), f"publish it again: {PUBLISHED.name} is what programs were told"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda made: made["paths"].pop("/api/v1/me"), "get /api/v1/me is gone"),
        (lambda made: made["components"]["schemas"]["CandidacyValue"]["properties"].pop("stage"), "CandidacyValue.stage is gone"),
        (lambda made: made["components"]["schemas"]["OpeningLine"]["required"].append("route"), "OpeningLine asks route"),
        (lambda made: made["components"]["schemas"]["Stage"]["enum"].pop(), "Stage says no writing"),
    ],
)  # fmt: skip
def test_a_change_that_breaks_a_program_is_named(change: Any, said: str):
    made = json.loads(openapi())
    change(made)
    assert said in list(_broken(json.loads(openapi()), made))


@pytest.mark.slow
def test_every_operation_answers_as_described(app: Flask):
    program = program_of(app)
    program.post("/candidacies", {"candidacies": [LINE]})
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    tried = set()
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        def answers_as_described(case: schemathesis.Case) -> None:
            # JSON Schema takes 127.0 for an integer; programs that write one are told where.
            case.call_and_validate(
                headers={"Authorization": f"Bearer {program.token}"}, excluded_checks=[positive_data_acceptance]
            )

        answers_as_described()
        tried.add(operation.label)
    assert len(tried) == len(OPERATIONS)


@pytest.mark.slow
def test_a_client_that_a_stranger_generates_lists_candidacies(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """By openapi-python-client, from the file that the API serves."""
    program = program_of(app)
    program.post("/candidacies", {"candidacies": [LINE]})
    description_file = tmp_path / "openapi.json"
    description_file.write_bytes(app.test_client().get("/api/v1/openapi.json").data)
    made = ["generate", "--path", description_file, "--meta", "none", "--output-path", tmp_path / "generated_acquis"]
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))  # it formats what it writes by ruff
    ran = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", *made],
        env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    monkeypatch.syspath_prepend(tmp_path)
    client = import_module("generated_acquis").AuthenticatedClient(base_url="http://localhost", token=program.token)
    headers = {"Authorization": f"Bearer {program.token}"}
    client.set_httpx_client(
        httpx.Client(transport=httpx.WSGITransport(app), base_url="http://localhost", headers=headers)
    )
    page = import_module("generated_acquis.api.default.list_candidacies").sync(client=client)
    assert [one.external_reference for one in page.candidacies] == ["ERP-1"]
    assert page.candidacies[0].candidate.name == "Inès Marchand"
