"""A double of France VAE: the routes of its API for certifiers, their states and refusals, and a network that cuts.

It answers as the running code does: 401 without a body, 409 with a French sentence for every refusal, 204 for nothing,
500 for a form that it does not read, an hour told in local time that was sent in UTC.
"""

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

import requests
import yaml
from flask import Flask, Response, jsonify, request
from jsonschema import Draft4Validator, FormatChecker
from requests.adapters import BaseAdapter

from portfolio.calendar import PARIS

KEY = "eyJhbGciOiJIUzUxMiJ9.cle-de-la-doublure"
BASE = "https://france-vae.exemple.fr/interop/v1"
RESULTS = {f"SUCCES_{much}_CERTIFICATION_{of}" for much in ("TOTAL", "PARTIEL") for of in ("COMPLETE", "PARTIELLE")} | {
    "SUCCES_TOTAL_CERTIFICATION_COMPLETE_SOUS_RESERVE",
    "ECHEC",
    "CANDIDAT_EXCUSE",
    "CANDIDAT_ABSENT",
}
# The published contract, when the machine that tests has it.
CONTRACT = os.environ.get("ACQUIS_FRANCE_VAE", "")


class FranceVae:
    """Store of a certification authority at France VAE, and the letters that it wrote."""

    def __init__(self) -> None:
        self.today = date(2027, 1, 15)
        self.files: dict[str, dict[str, Any]] = {}
        self.mailed: list[tuple[str, str]] = []
        # Calls to cut, by their rank from now: before they arrive, or once they have arrived.
        self.cuts: dict[int, str] = {}
        self.calls: list[tuple[str, str]] = []
        self.faults: list[str] = []
        self.app = self._app()

    def add(self, there: UUID, code: str = "16959", **more: Any) -> None:
        """Send a feasibility file."""
        person = {
            "genre": "FEMME", "prenom": "Inès", "nom": "Marchand", "nomUsage": "Duval", "email": "ines@exemple.fr",
            "telephone": "+33612345678", "dateNaissance": "1980-01-01T00:00:00.000Z",
            "adresse": {"rue": "1 rue Neuve", "codePostal": "33000", "ville": "Bordeaux", "pays": "France",
                        "departement": {"code": "33", "nom": "Gironde"}},
        }  # fmt: skip
        certification = {"codeRncp": code, "nom": "Expert", "estViseePartiellement": more.get("is_partial")}
        self.files[str(there)] = {
            "candidature": {"id": str(there), "certification": certification, "candidat": person},
            "faisabilite": {"candidatureId": str(there), "dateEnvoi": "2026-11-01T10:00:00Z", "statut": "EN_ATTENTE"},
            "decisions": [], "validation": None, "session": None, "resultat": None,
        }  # fmt: skip

    def _app(self) -> Flask:
        app = Flask("france_vae")
        app.add_url_rule("/<path:path>", view_func=self._answer, methods=["GET", "POST", "PUT"])
        return app

    def _answer(self, path: str) -> Any:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return Response(status=401)
        parts = path.split("/")[2:]
        if parts[0] in ("dossiersDeFaisabilite", "dossiersDeValidation"):
            return self._list("faisabilite" if parts[0] == "dossiersDeFaisabilite" else "validation")
        found = self.files.get(parts[1])
        if found is None:
            return _refused("Candidature non trouvée")
        tail = "/".join(parts[2:])
        if tail == "":
            return _data(found["candidature"])
        if tail == "dossierDeFaisabilite/decisions":
            return _data(found["decisions"]) if request.method == "GET" else self._decide(parts[1], found)
        name = {"informationJury/session": "session", "informationJury/resultat": "resultat"}[tail]
        if request.method == "GET":
            return _data(found[name]) if found[name] else Response(status=204)
        return self._plan(parts[1], found) if name == "session" else self._result(parts[1], found)

    def _list(self, name: str) -> Any:
        start, limit = int(request.args.get("decalage", 0)), int(request.args.get("limite", 10))
        wanted = request.args.get("statut")
        rows = [file[name] for file in self.files.values() if file[name] and file[name]["statut"] == wanted]
        info = {"totalElements": len(rows), "totalPages": -(-len(rows) // limit), "pageCourante": start // limit + 1}
        return jsonify(data=rows[start : start + limit], info=info)

    def _decide(self, there: str, found: dict[str, Any]) -> Any:
        said = request.form.get("decision")
        if said not in ("IRRECEVABLE", "RECEVABLE", "INCOMPLET", "COMPLET"):
            return _bad_form()
        if found["faisabilite"]["statut"] not in ("EN_ATTENTE", "COMPLET"):
            return _refused("Le dossier de faisabilité a déjà une décision")
        sent = {"decision": said, "commentaire": request.form.get("commentaire"), "dateEnvoi": "2027-01-15T08:00:00Z"}
        found["decisions"].append(sent)
        found["faisabilite"]["statut"] = said
        self.mailed.append((there, said))
        return _data(sent, 201)

    def _plan(self, there: str, found: dict[str, Any]) -> Any:
        try:
            day = date.fromisoformat(request.form["date"])
            hour = time.fromisoformat(request.form["heure"]) if "heure" in request.form else None
        except (KeyError, ValueError):
            return _bad_form()
        if found["validation"] is None:
            return _refused("Le dossier de validation n'a pas été envoyé")
        if found["session"] and date.fromisoformat(found["session"]["date"]) < self.today:
            return _refused("La date du jury est passée")
        local = datetime.combine(day, hour.replace(tzinfo=UTC)).astimezone(PARIS) if hour else None
        found["session"] = {
            "date": day.isoformat(), "heure": f"{local:%H:%M}" if local else None,
            "adresseSession": request.form.get("adresseSession"),
            "informationsSession": request.form.get("informationsSession"),
        }  # fmt: skip
        self.mailed.append((there, "session"))
        return _data(found["session"])

    def _result(self, there: str, found: dict[str, Any]) -> Any:
        told = request.get_json(silent=True) or {}
        if told.get("resultat") not in RESULTS:
            return _bad_form()
        if found["session"] is None or date.fromisoformat(found["session"]["date"]) > self.today:
            return _refused("La date du jury n'est pas passée")
        if found["resultat"] is not None:
            return _refused("Le résultat du jury a déjà été renseigné")
        found["resultat"] = {**told, "dateEnvoi": "2027-01-15T09:00:00Z"}
        self.mailed.append((there, told["resultat"]))
        return _data(found["resultat"])


def _data(value: Any, status: int = 200) -> Any:
    return jsonify(data=value), status


def _refused(sentence: str) -> Any:
    return jsonify(statusCode=409, error=sentence), 409


def _bad_form() -> Any:
    return jsonify(statusCode=500, code="FST_ERR_VALIDATION", error="Internal Server Error"), 500


class Line(BaseAdapter):
    """The way to the double: it checks what passes against the contract, and cuts where the test says."""

    def __init__(self, double: FranceVae) -> None:
        super().__init__()
        self.double = double
        self.contract = yaml.safe_load(Path(CONTRACT).read_text()) if CONTRACT else None

    def send(self, asked: requests.PreparedRequest, **_more: Any) -> requests.Response:
        double, rank = self.double, len(self.double.calls)
        path = asked.path_url
        double.calls.append((asked.method or "", path.partition("?")[0]))
        if double.cuts.get(rank) == "before":
            raise requests.ConnectionError("cut on the way")
        given = double.app.test_client().open(
            path, method=asked.method, headers=dict(asked.headers), data=asked.body or b""
        )
        if self.contract:
            double.faults += contract_faults(self.contract, asked)
        if double.cuts.get(rank) == "after":
            raise requests.ConnectionError("cut on the way back")
        answer = requests.Response()
        answer.status_code, answer._content, answer.url = given.status_code, given.data, asked.url or ""
        return answer

    def close(self) -> None: ...


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
        value = request.get_json() if kind == "application/json" else request.form.to_dict()
    schema = {**content["schema"], "components": contract["components"]}
    validator = Draft4Validator(schema, format_checker=FormatChecker())
    unknown = set(value) - set(
        contract["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]["properties"]
    )
    return [error.message for error in validator.iter_errors(value)] + [f"unknown {name}" for name in sorted(unknown)]
