"""The sampler: a tiny application around the shipped templates, that shows every component full, empty and too long."""

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace as Thing
from typing import Any

import pytest
from flask import Flask, make_response, redirect, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    Form,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
    widgets,
)
from wtforms.fields.choices import SelectChoice

from portfolio.web import filters, headers
from tests.complete_answers import whole

ROOT = Path(__file__).resolve().parents[3]
ROOT_HASH = "7f3a09e277aa3f05b41c09e277aa3f05b41c09e277aa3f05b41c09e277aac41e"
MARKS = {"none": "aucune preuve", "claimed": "preuve proposée", "part": "en partie couverte", "held": "couverte"}
MARKS |= {"uncovered": "non couverte", "old": "nouvel avis attendu"}


class SampleForm(Form):
    """One field of each kind."""

    title = StringField("Titre de la preuve", [validators.InputRequired("Donnez un titre à la preuve.")])
    email = EmailField("Votre adresse électronique", [validators.InputRequired("Écrivez votre adresse.")])
    password = PasswordField("Mot de passe", [validators.InputRequired("Écrivez votre mot de passe.")])
    kind = SelectField(
        "Sorte", default="report", choices=[SelectChoice("report", "Rapport"), SelectChoice("photo", "Photo")]
    )
    when = DateField("Date du document", [validators.Optional()])
    pages = IntegerField("Page", [validators.Optional()])
    story = TextAreaField("Ce que j’ai fait", [validators.InputRequired("Racontez."), validators.Length(max=200)])
    opinion = RadioField(
        "Mon avis",
        [validators.InputRequired("Choisissez un avis.")],
        choices=[
            SelectChoice("held", "Couverte"),
            SelectChoice("part", "En partie couverte"),
            SelectChoice("uncovered", "Non couverte"),
        ],
    )
    blocks = SelectMultipleField(
        "Blocs demandés",
        choices=[SelectChoice(str(n), f"Bloc {n}") for n in range(1, 5)],
        widget=widgets.ListWidget(),
        option_widget=widgets.CheckboxInput(),
        validators=[validators.InputRequired("Choisissez au moins un bloc.")],
    )
    file = FileField("Fichier")
    sworn = BooleanField("J’atteste que ce document est le mien", [validators.InputRequired("Cochez pour attester.")])


def competency(number: str, text: str, state: str, pieces: int, hint: str | None = None) -> Thing:
    """Make one line of the matrix."""
    return Thing(
        number=number, text=text, href=f"#c{number}", state=state, state_label=MARKS[state], pieces=pieces, hint=hint
    )


def sample() -> dict[str, Any]:
    """Give everything that the sampler shows."""
    bad_form = SampleForm()
    bad_form.story.data = "x" * 230
    bad_form.validate()
    blocks = [
        Thing(
            number=1,
            title="Piloter un dispositif digital",
            held=None,
            competencies=[
                competency("1.1", "Accompagner la transition digitale en interne et à l’externe", "held", 4),
                competency("1.2", "Organiser et suivre l’ensemble des opérations d’un projet", "held", 26),
            ],
        ),
        Thing(
            number=2,
            title="Définir les solutions techniques d’un projet digital",
            held=None,
            competencies=[
                competency(
                    "2.1",
                    "Créer une offre de service digital répondant aux objectifs stratégiques, aux contraintes techniques, budgétaires et de planning",
                    "part",
                    3,
                    "Claire Morel attend une preuve datée.",
                ),
                competency("2.2", "Évaluer les ressources humaines nécessaires", "none", 0),
                competency("2.3", "Recueillir et utiliser les données d’usage pour son offre de service", "claimed", 2),
            ],
        ),
        Thing(
            number=3,
            title="Définir une stratégie digitale",
            held=None,
            competencies=[
                competency("3.1", "Organiser sa veille et sa recherche, en français et en anglais", "uncovered", 5),
                competency(
                    "3.2",
                    "Définir et défendre une stratégie d’offre de services originale et pertinente au regard du contexte, du marché et des usages",
                    "old",
                    3,
                    "Une preuve a changé depuis l’avis.",
                ),
                competency(
                    "3.3",
                    "Élaborer une stratégie de communication et marketing digital, son modèle économique, son budget et les plans d’actions",
                    "claimed",
                    1,
                ),
            ],
        ),
        Thing(
            number=4,
            title="Déployer un dispositif digital de communication et marketing",
            held=Thing(until=None, on="18 juin 2020", href="#cert", is_over=False),
            competencies=[],
        ),
    ]
    pieces = [Thing(code=f"B{n % 3 + 1}-{n:02}", title=f"Document {n}", href=f"#p{n}") for n in range(1, 25)]
    lines = [c for block in blocks for c in block.competencies]
    rows = [
        Thing(
            number=c.number,
            text=c.text,
            href=c.href,
            marks={p.code: (c.state, c.state_label) for p in pieces[i::4] if c.pieces},
        )
        for i, c in enumerate(lines)
    ]
    steps = [
        ("Recevable", "done", "12 nov. 2021"),
        ("Rédaction", "here", "depuis 41 jours"),
        ("Dépôt", "todo", "conseillé avant le 12 mai"),
        ("Jury", "todo", "dans les 3 mois du dépôt"),
        ("Certificats", "todo", None),
    ]
    return {
        "bad_form": bad_form, "good_form": SampleForm(prefix="g"), "blocks": blocks, "rows": rows, "pieces": pieces, "root": ROOT_HASH,
        "held_block": Thing(
            number=5,
            title="Un bloc tenu, avec ses compétences",
            held=Thing(until=None, on="2 mars 2021", href="#k", is_over=False),
            competencies=lines[:2]),
        "steps": [Thing(label=label, state=state, date=date) for label, state, date in steps],
        "groups": [{"label": "Bloc 1", "items": [Thing(label="1.1 Accompagner la transition", href="#1", current=False, done=True), Thing(label="1.2 Organiser", href="#2", current=False, done=True)]}, {"label": "Bloc 3", "items": [Thing(label="3.1 Organiser sa veille et sa recherche", href="#3", current=True, done=False)]}],
    }  # fmt: skip


def make_app() -> Flask:
    """Make a tiny application around the shipped templates, with the names that the layouts expect."""
    app = Flask("sampler", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.jinja_loader = ChoiceLoader([FileSystemLoader(ROOT / "templates"), FileSystemLoader(Path(__file__).parent)])  # type: ignore[assignment]
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals["csrf_token"] = lambda: "jeton"
    filters.init_app(app)
    headers.redirect_scripts(app)
    nav = [("Livret 2", True, 0), ("Preuves", False, 0), ("Parcours", False, 0), ("Échanges", False, 2)]

    @app.context_processor
    def around() -> dict[str, Any]:
        items = [Thing(label=label, href=f"#{label}", current=here, count=count) for label, here, count in nav]
        return {"nav": items, "person": Thing(name="Samia Benali"), "notice": "La preuve est ajoutée.", "demo": True}

    @app.after_request
    def guard(answer: Any) -> Any:
        answer.headers["Content-Security-Policy"] = "default-src 'self'; object-src 'none'; base-uri 'none'"
        return answer

    app.jinja_env.globals["may_send"] = lambda _address=None: True
    app.add_url_rule("/sortir", "account.login.logout", lambda: redirect("/"), methods=["POST"])
    app.add_url_rule("/nouvelles", "account.notifications.notifications", lambda: redirect("/"))
    app.add_url_rule("/demonstration", "visit.people", lambda: redirect("/"))
    app.add_url_rule("/mon-compte", "account.security.account", lambda: redirect("/"))
    app.add_url_rule("/", "sampler", lambda: render_template("sampler.html", **sample()))
    app.add_url_rule("/lire", "reader", lambda: render_template("sampler_reader.html", **sample()))

    @app.get("/lire-une-page")
    def viewer() -> str:
        return render_template("sampler_reader.html", viewer="1", **sample())

    @app.get("/certificat/<state>")
    def certificate(state: str) -> str:
        return render_template("sampler_certificate.html", told=("Ce que dit ce certificat", "Une phrase.", state))

    @app.get("/refus/<code>")
    def refusal(code: str) -> str:
        return render_template(
            f"errors/{code}.html", sentence="Le bloc 2 est déjà décidé : non validé, par le jury du 14 mars."
        )

    return app


def add_upload(app: Flask, received: list[int]) -> None:
    """Add a page that receives a file, counts what it got, and answers as it is asked to."""

    @app.route("/depot", methods=["GET", "POST"])
    def deposit() -> Any:
        form = SampleForm(request.form)
        if request.method == "POST":
            received.append(len(request.files["file"].read()))
            answer = request.form["title"]
            if answer == "trop":
                return make_response("Request Entity Too Large", 413)
            if answer == "faux":
                form.title.errors = ["Donnez un autre titre."]
                return render_template("sampler_upload.html", form=form), 422
            return redirect("/lire", 303)
        return render_template("sampler_upload.html", form=form)


@pytest.fixture
def sampler() -> Flask:
    return make_app()


@pytest.fixture(scope="module")
def received() -> list[int]:
    return []


@pytest.fixture(scope="module")
def address(received: list[int]) -> Iterator[str]:
    app = make_app()
    add_upload(app, received)
    server = make_server("127.0.0.1", 0, whole(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    faults: list[str] = []
    page = context.new_page()
    page.on(
        "console",
        lambda message: (
            faults.append(message.text) if message.type == "error" and "Content Security" in message.text else None
        ),
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert not faults
