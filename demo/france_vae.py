"""A double of France VAE: the routes of its API for certifiers, their states and refusals.

It answers as the running code does: 401 without a body, 409 with a French sentence for every refusal, 204 for nothing,
500 for a form that it does not read, an hour told in local time that was sent in UTC. The worker of the demonstration
calls it without any network; like the sandbox of France VAE, it forgets what it was told when it starts again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import requests
from flask import Flask, Response, current_app, jsonify, request
from requests.adapters import BaseAdapter

from config import DEMO_FRANCE_VAE
from demo.builder import Stage
from portfolio.calendar import PARIS, day_of
from portfolio.domain.france_vae import client, use_cases
from portfolio.web.clock import now

KEY = "eyJhbGciOiJIUzUxMiJ9.cle-de-la-doublure"
SITE = DEMO_FRANCE_VAE.removesuffix("/interop/v1")
RESULTS = {f"SUCCES_{much}_CERTIFICATION_{of}" for much in ("TOTAL", "PARTIEL") for of in ("COMPLETE", "PARTIELLE")} | {
    "SUCCES_TOTAL_CERTIFICATION_COMPLETE_SOUS_RESERVE",
    "ECHEC",
    "CANDIDAT_EXCUSE",
    "CANDIDAT_ABSENT",
}


class FranceVae:
    """Store of a certification authority at France VAE, and the letters that it wrote."""

    def __init__(self, today: Callable[[], date]) -> None:
        self.today = today
        self.files: dict[str, dict[str, Any]] = {}
        self.mailed: list[tuple[str, str]] = []
        self.app = self._app()

    def add(
        self,
        there: UUID,
        code: str = "16959",
        *,
        is_partial: bool | None = None,
        name: str = "Inès Duval",
        email: str = "ines@exemple.fr",
        sent_on: date = date(2026, 11, 1),
    ) -> None:
        """Send a feasibility file."""
        first, _, last = name.partition(" ")
        person = {
            "genre": "FEMME", "prenom": first, "nom": "Marchand", "nomUsage": last,
            "email": email,
            "telephone": "+33612345678", "dateNaissance": "1980-01-01T00:00:00.000Z",
            "adresse": {"rue": "1 rue Neuve", "codePostal": "33000", "ville": "Bordeaux", "pays": "France",
                        "departement": {"code": "33", "nom": "Gironde"}},
        }  # fmt: skip
        certification = {"codeRncp": code, "nom": "Expert", "estViseePartiellement": is_partial}
        self.files[str(there)] = {
            "candidature": {"id": str(there), "certification": certification, "candidat": person},
            "faisabilite": {"candidatureId": str(there), "dateEnvoi": f"{sent_on}T10:00:00Z", "statut": "EN_ATTENTE"},
            "decisions": [], "checks": [], "validation": None, "session": None, "resultat": None,
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
        if tail == "dossierDeValidation/decisions":
            return _data(found["checks"]) if request.method == "GET" else self._check(parts[1], found)
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
        at = f"{self.today()}T08:00:00Z"
        sent = {"decision": said, "commentaire": request.form.get("commentaire"), "dateEnvoi": at}
        found["decisions"].append(sent)
        found["faisabilite"]["statut"] = said
        self.mailed.append((there, said))
        return _data(sent, 201)

    def _check(self, there: str, found: dict[str, Any]) -> Any:
        told = request.get_json(silent=True) or {}
        if told.get("decision") not in ("VERIFIE", "SIGNALE"):
            return _bad_form()
        if found["session"]:
            return _refused("Impossible de valider ce dossier. Un jury a déjà été planifié.")
        if found["validation"] is None or found["validation"]["statut"] != "EN_ATTENTE":
            return _refused("Le dossier de validation n'est pas en attente")
        found["checks"].append({"commentaire": None, **told, "dateEnvoi": f"{self.today()}T08:00:00Z"})
        found["validation"]["statut"] = told["decision"]
        if told["decision"] == "SIGNALE":
            self.mailed.append((there, "SIGNALE"))
        return _data(found["checks"][-1], 201)

    def _plan(self, there: str, found: dict[str, Any]) -> Any:
        try:
            day = date.fromisoformat(request.form["date"])
            hour = time.fromisoformat(request.form["heure"]) if "heure" in request.form else None
        except (KeyError, ValueError):
            return _bad_form()
        if found["validation"] is None:
            return _refused("Le dossier de validation n'a pas été envoyé")
        if found["session"] and date.fromisoformat(found["session"]["date"]) < self.today():
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
        if found["session"] is None or date.fromisoformat(found["session"]["date"]) > self.today():
            return _refused("La date du jury n'est pas passée")
        if found["resultat"] is not None:
            return _refused("Le résultat du jury a déjà été renseigné")
        found["resultat"] = {**told, "dateEnvoi": f"{self.today()}T09:00:00Z"}
        self.mailed.append((there, told["resultat"]))
        return _data(found["resultat"])


def _data(value: Any, status: int = 200) -> Any:
    return jsonify(data=value), status


def _refused(sentence: str) -> Any:
    return jsonify(statusCode=409, error=sentence), 409


def _bad_form() -> Any:
    return jsonify(statusCode=500, code="FST_ERR_VALIDATION", error="Internal Server Error"), 500


class Line(BaseAdapter):
    """The way to the double, in this process."""

    def __init__(self, double: FranceVae) -> None:
        super().__init__()
        self.double = double

    def send(self, request: requests.PreparedRequest, *_args: Any, **_more: Any) -> requests.Response:
        """Answer a call."""
        given = self.double.app.test_client().open(
            request.path_url, method=request.method, headers=dict(request.headers), data=request.body or b""
        )
        answer = requests.Response()
        answer.status_code, answer._content, answer.url = given.status_code, given.data, request.url or ""
        return answer

    def close(self) -> None:
        """There is nothing to close."""


_WHO = (
    ("Amélie Fortin", "amelie.fortin@exemple.fr", 6, False),
    ("Gaëlle Le Bihan", "gaelle.lebihan@exemple.fr", 2, True),
)


def mount() -> None:
    """Let the client of this process call a double in which two persons sent their feasibility file."""
    double = FranceVae(lambda: day_of(now()))
    for name, email, days, is_partial in _WHO:
        there, sent_on = uuid5(NAMESPACE_URL, f"{SITE}/{email}"), day_of(now()) - timedelta(days=days)
        double.add(there, is_partial=is_partial, name=name, email=email, sent_on=sent_on)
    client.ADAPTERS[SITE] = Line(double)


def key(stage: Stage) -> None:
    """Give the body a key of the double: the worker reads it as soon as it starts."""
    secret = current_app.config["SETTINGS"].secret_key
    with stage.database.transaction() as session:
        use_cases.set_key(session, stage.body_id, KEY, by=stage.certifier, installation=secret, at=stage.now)
