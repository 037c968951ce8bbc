"""The design system: every template stands under StrictUndefined, and the sampler is accessible in both lights."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace as Thing
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, make_response, redirect, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from playwright.sync_api import Browser, Page, sync_playwright
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

ROOT = Path(__file__).resolve().parents[2]
OURS = ("layout", "components", "errors")
TEMPLATES = sorted(path for folder in OURS for path in (ROOT / "templates" / folder).glob("*.html"))
ERRORS = ("400", "403", "404", "405", "409", "413", "422", "429", "500", "503")
ROOT_HASH = "7f3a09e277aa3f05b41c09e277aa3f05b41c09e277aa3f05b41c09e277aac41e"
MARKS = {"none": "aucune preuve", "said": "preuve proposée", "part": "en partie couverte", "held": "couverte"}
MARKS |= {"lack": "non couverte", "old": "avis à revoir"}


class SampleForm(Form):
    """One field of each kind."""

    title = StringField("Titre de la preuve", [validators.InputRequired("Donnez un titre à la preuve.")])
    email = EmailField("Votre adresse électronique", [validators.InputRequired("Écrivez votre adresse.")])
    password = PasswordField("Mot de passe", [validators.InputRequired("Écrivez votre mot de passe.")])
    kind = SelectField("Sorte", default="report", choices=[SelectChoice("report", "Rapport"), SelectChoice("photo", "Photo")])
    when = DateField("Date du document", [validators.Optional()])
    pages = IntegerField("Page", [validators.Optional()])
    story = TextAreaField("Ce que j’ai fait", [validators.InputRequired("Racontez."), validators.Length(max=200)])
    opinion = RadioField(
        "Mon avis",
        [validators.InputRequired("Choisissez un avis.")],
        choices=[
            SelectChoice("held", "Couverte"),
            SelectChoice("part", "En partie couverte"),
            SelectChoice("lack", "Non couverte"),
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
    return Thing(number=number, text=text, href=f"#c{number}", state=state, state_label=MARKS[state], pieces=pieces, hint=hint)


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
                competency("2.3", "Recueillir et utiliser les données d’usage pour son offre de service", "said", 2),
            ],
        ),
        Thing(
            number=3,
            title="Définir une stratégie digitale",
            held=None,
            competencies=[
                competency("3.1", "Organiser sa veille et sa recherche, en français et en anglais", "lack", 5),
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
                    "said",
                    1,
                ),
            ],
        ),
        Thing(
            number=4,
            title="Déployer un dispositif digital de communication et marketing",
            held=Thing(on="18 juin 2020", href="#cert"),
            competencies=[],
        ),
    ]
    pieces = [Thing(code=f"B{n % 3 + 1}-{n:02}", title=f"Document {n}", href=f"#p{n}") for n in range(1, 25)]
    lines = [c for block in blocks for c in block.competencies]
    rows = [
        Thing(
            number=c.number, text=c.text, href=c.href, marks={p.code: (c.state, c.state_label) for p in pieces[i::4] if c.pieces}
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
        "held_block": Thing(number=5, title="Un bloc tenu, avec ses compétences", held=Thing(on="2 mars 2021", href="#k"), competencies=lines[:2]),
        "steps": [Thing(label=label, state=state, date=date) for label, state, date in steps],
        "remarks": [Thing(author="Claire Morel", role="accompagnatrice", moment="hier, 18 h 04", text="Que faisiez-vous, vous ?\nEt qui décidait ?", mine=False, stale="Écrit sur la version 1 de la pièce"), Thing(author="Samia Benali", moment="aujourd’hui", text="<b>Je</b> décidais.", mine=True)],
        "groups": [{"label": "Bloc 1", "items": [Thing(label="1.1 Accompagner la transition", href="#1", current=False, done=True), Thing(label="1.2 Organiser", href="#2", current=False, done=True)]}, {"label": "Bloc 3", "items": [Thing(label="3.1 Organiser sa veille et sa recherche", href="#3", current=True, done=False)]}],
    }  # fmt: skip


def make_app() -> Flask:
    """Make a tiny application around the shipped templates, with the names that the layouts expect."""
    app = Flask("sampler", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.jinja_loader = ChoiceLoader([FileSystemLoader(ROOT / "templates"), FileSystemLoader(Path(__file__).parent)])  # type: ignore[assignment]
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals["csrf_token"] = lambda: "jeton"
    nav = [("Livret 2", True, 0), ("Preuves", False, 0), ("Parcours", False, 0), ("Échanges", False, 2)]

    @app.context_processor
    def around() -> dict[str, Any]:
        items = [Thing(label=label, href=f"#{label}", current=here, count=count) for label, here, count in nav]
        return {"nav": items, "person": Thing(name="Samia Benali"), "notice": "La preuve est ajoutée.", "demo": True}

    @app.after_request
    def guard(answer: Any) -> Any:
        answer.headers["Content-Security-Policy"] = "default-src 'self'; object-src 'none'; base-uri 'none'"
        return answer

    app.add_url_rule("/sortir", "account.logout", lambda: redirect("/"), methods=["POST"])
    app.add_url_rule("/", "sampler", lambda: render_template("sampler.html", **sample()))
    app.add_url_rule("/lire", "reader", lambda: render_template("sampler_reader.html", **sample()))

    @app.get("/certificat/<state>")
    def certificate(state: str) -> str:
        return render_template("sampler_certificate.html", told=("Ce que dit ce certificat", "Une phrase.", state))

    @app.get("/refus/<code>")
    def refusal(code: str) -> str:
        return render_template(f"errors/{code}.html", sentence="Le bloc 2 est déjà décidé : non validé, par le jury du 14 mars.")

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


@pytest.fixture(scope="module")
def received() -> list[int]:
    return []


@pytest.fixture(scope="module")
def address(received: list[int]) -> Iterator[str]:
    app = make_app()
    add_upload(app, received)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    faults: list[str] = []
    page = context.new_page()
    page.on(
        "console",
        lambda message: faults.append(message.text) if message.type == "error" and "Content Security" in message.text else None,
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert not faults


def tokens(dark: bool) -> dict[str, str]:
    css = (ROOT / "static/css/tokens.css").read_text()
    light, night = css.split("@media (prefers-color-scheme: dark)")
    pattern = r"--([a-z-]+):\s*(#[0-9a-f]{6})"
    found = dict(re.findall(pattern, light))
    return found | dict(re.findall(pattern, night)) if dark else found


def contrast(one: str, two: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted([luminance(one), luminance(two)], reverse=True)
    return (high + 0.05) / (low + 0.05)


TEXT = [(ink, ground) for ink in ("ink", "soft", "brand") for ground in ("paper", "sheet", "wash", "desk")]
TEXT += [(ink, ground) for ink in ("ink", "soft") for ground in ("warn-wash", "bad-wash")]
TEXT += [(state, ground) for state in ("none", "said", "part", "held", "old", "bad") for ground in ("paper", "sheet")]
TEXT += [
    ("bad", "bad-wash"),
    ("part", "warn-wash"),
    ("on-brand", "brand"),
    ("on-brand", "brand-deep"),
    ("on-bad", "bad"),
    ("on-bad", "bad-deep"),
    ("paper", "old"),
]
DRAWN = [("edge", ground) for ground in ("paper", "sheet")] + [
    ("focus", ground) for ground in ("paper", "sheet", "wash", "desk", "bad-wash")
]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_every_text_is_legible_on_what_it_lies_on(ink: str, ground: str, dark: bool) -> None:
    named = tokens(dark)
    assert contrast(named[ink], named[ground]) >= 4.5


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), DRAWN)
def test_outlines_of_fields_and_focus_are_seen(line: str, ground: str, dark: bool) -> None:
    named = tokens(dark)
    assert contrast(named[line], named[ground]) >= 3


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_compiles_and_carries_no_inline_style_or_script(path: Path) -> None:
    make_app().jinja_env.get_template(str(path.relative_to(ROOT / "templates")))
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"|javascript:|<script(?![^>]*\ssrc=)", text)


def test_every_component_is_shown_in_the_sampler() -> None:
    shown = "".join(path.read_text() for path in [*Path(__file__).parent.glob("sampler*.html"), *TEMPLATES])
    missing = [path.name for path in TEMPLATES if path.parent.name == "components" and f"components/{path.name}" not in shown]
    assert missing == []


def test_every_component_says_at_its_head_how_it_is_called() -> None:
    for path in TEMPLATES:
        if path.parent.name == "components":
            head = path.read_text().split("#}")[0]
            assert head.startswith("{# "), path.name
            assert path.read_text().count("{% macro ") >= 1, path.name


def test_no_screen_hides_the_message_that_the_layout_shows_once() -> None:
    hiding = [
        path.name
        for path in (ROOT / "templates").rglob("*.html")
        if re.search(r"import[^%]*\b(notice|nav|person|demo|form)\b *(,|%)", path.read_text())
    ]
    assert hiding == []


def test_the_style_sheets_stay_light() -> None:
    assert sum(path.stat().st_size for path in (ROOT / "static/css").glob("*.css")) < 60_000


def test_what_a_person_typed_is_shown_as_typed() -> None:
    html = make_app().test_client().get("/").text
    assert "&lt;b&gt;Je&lt;/b&gt; décidais." in html


def test_a_form_with_errors_says_how_many_and_links_to_each_field() -> None:
    html = make_app().test_client().get("/").text
    ids = set(re.findall(r' id="([^"]+)"', html))
    summary = html.split('class="summary__list"')[1].split("</ul>")[0]
    links = re.findall(r'href="#([^"]+)"', summary)
    assert f"Il reste {len(links)} points à corriger" in html
    assert set(links) <= ids
    assert {"opinion-0", "blocks-0", "title", "sworn", "story"} <= set(links)


def test_ids_are_unique_and_descriptions_exist() -> None:
    for url in ("/", "/lire"):
        html = make_app().test_client().get(url).text
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert sorted(ids) == sorted(set(ids))
        for said in re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', html):
            assert set(said.split()) <= set(ids)


def test_a_panne_page_needs_neither_context_nor_function() -> None:
    source = (ROOT / "templates/errors/500.html").read_text().split("#}", 1)[1]
    assert "{{" not in source
    assert "{%" not in source


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_page_says_what_to_do_before_any_number(code: str) -> None:
    html = make_app().test_client().get(f"/refus/{code}").text
    heading = re.search(r"<h1>(.+?)</h1>", html, re.S)
    assert heading is not None
    assert code not in heading[1]
    assert html.count("<h1") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("url", ["/", "/lire", "/certificat/held", "/certificat/ended", "/refus/409", "/refus/500", "/depot"])
def test_axe_finds_nothing_and_nothing_overflows(page: Page, address: str, url: str, width: int, scheme: Any) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(address + url)
    page.wait_for_load_state("networkidle")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_buttons_and_choices_are_large_enough_for_a_thumb(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    small = page.evaluate(
        "[...document.querySelectorAll('.button, .input, .check__label, summary, .bar__nav a')]"
        ".filter(e => e.offsetHeight && e.offsetHeight < 44).map(e => e.outerHTML)"
    )
    assert small == []


def test_the_summary_takes_the_focus_and_leads_to_the_field(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(".summary:focus").wait_for()
    page.click(".summary a[href='#opinion-0']")
    assert page.evaluate("document.activeElement.id") == "opinion-0"


def test_a_password_can_be_read_by_who_types_it(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Afficher le mot de passe").click()
    assert page.get_attribute("#password", "type") == "text"
    page.get_by_role("button", name="Masquer le mot de passe").click()
    assert page.get_attribute("#password", "type") == "password"


def test_the_counter_says_by_how_much_a_text_is_too_long(page: Page, address: str) -> None:
    page.goto(f"{address}/lire")
    page.fill("#g-story", "x" * 150)
    page.locator(".field__left:text-is('Il reste 50 caractères.')").wait_for()
    page.fill("#g-story", "x" * 203)
    assert page.text_content(".field__left") == "Il y a 3 caractères de trop."


def test_a_file_is_sent_and_the_answer_takes_the_place_of_the_form(page: Page, address: str, received: list[int]) -> None:
    received.clear()
    page.goto(f"{address}/depot")
    page.fill("#title", "bon")
    page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x" * 5000})
    page.wait_for_load_state("networkidle")
    page.dblclick("text=Déposer")
    page.wait_for_selector("h1:has-text('Bulletin')")
    assert page.url == f"{address}/lire"
    assert page.title() == "Compétence 3.1, preuve B3-02 – Acquis"
    assert received == [5000]


def test_a_refused_file_brings_the_form_back_with_what_was_typed(page: Page, address: str) -> None:
    page.goto(f"{address}/depot")
    page.fill("#title", "faux")
    page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x"})
    page.wait_for_load_state("networkidle")
    page.click("text=Déposer")
    page.locator(".summary:focus").wait_for()
    assert page.input_value("#title") == "faux"
    assert page.url == f"{address}/depot"
    page.fill("#title", "bon")
    page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x"})
    page.click("text=Déposer")
    page.wait_for_selector("h1:has-text('Bulletin')")


def test_a_file_above_the_limit_is_never_sent(page: Page, address: str, received: list[int]) -> None:
    received.clear()
    page.goto(f"{address}/depot")
    page.wait_for_load_state("networkidle")
    page.set_input_files("#file", {"name": "gros.pdf", "mimeType": "application/pdf", "buffer": b"x" * 2_000_000})
    page.click("text=Déposer")
    assert "« gros.pdf » pèse 1,9 Mo, la limite est de 1 Mo." in (page.text_content("[data-upload-error]") or "")
    assert received == []


def test_a_server_that_finds_it_too_large_is_understood(page: Page, address: str) -> None:
    page.goto(f"{address}/depot")
    page.wait_for_load_state("networkidle")
    page.fill("#title", "trop")
    page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x"})
    page.click("text=Déposer")
    page.locator("[data-upload-error]:has-text('dépasse la limite')").wait_for()
    assert page.input_value("#title") == "trop"


def test_a_lost_connection_is_said_and_the_same_file_goes_again(page: Page, address: str, received: list[int]) -> None:
    received.clear()
    page.goto(f"{address}/depot")
    page.wait_for_load_state("networkidle")
    page.fill("#title", "bon")
    page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x" * 700})
    page.context.set_offline(True)
    page.click("text=Déposer")
    page.locator("[data-upload-error]:has-text('La connexion est coupée. Rien n’est perdu')").wait_for()
    page.context.set_offline(False)
    page.click("text=Réessayer")
    page.wait_for_selector("h1:has-text('Bulletin')")
    assert received == [700]


def test_a_button_pressed_twice_sends_once_and_says_so(page: Page, address: str) -> None:
    page.goto(f"{address}/lire")
    page.wait_for_load_state("networkidle")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.method))
    with page.expect_navigation():
        told = page.evaluate(
            "() => { const b = document.querySelector('button[data-busy=\"Envoi…\"]:not(.button--link)');"
            " b.click(); b.click(); return [b.textContent, b.getAttribute('aria-disabled')]; }"
        )
    assert told == ["Envoi…", "true"]
    assert sent.count("POST") == 1


def test_leaving_a_typed_text_asks_first_and_leaving_an_untouched_page_does_not(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{address}/depot")
    page.wait_for_load_state("networkidle")
    page.goto(f"{address}/lire")
    assert asked == []
    page.goto(f"{address}/depot")
    page.wait_for_load_state("networkidle")
    page.type("#title", "un long récit")
    page.goto(f"{address}/lire")
    assert asked == ["beforeunload"]


def test_the_table_of_contents_is_folded_on_a_phone_and_open_on_a_desk(page: Page, address: str) -> None:
    page.goto(f"{address}/lire")
    page.wait_for_load_state("networkidle")
    assert page.locator(".reader__toc[open]").count() == 1
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    page.wait_for_load_state("networkidle")
    assert page.locator(".reader__toc[open]").count() == 0


def test_a_sending_that_is_cancelled_leaves_the_form_as_it_was(page: Page, address: str, received: list[int]) -> None:
    received.clear()
    page.goto(f"{address}/depot")
    page.wait_for_load_state("networkidle")
    page.route("**/depot", lambda route: None)  # an answer that never comes
    page.fill("#title", "bon")
    page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x" * 700})
    page.click("text=Déposer", no_wait_after=True)
    page.click("text=Annuler l’envoi")
    page.locator("[data-upload-error]:has-text('Envoi annulé')").wait_for()
    assert page.input_value("#title") == "bon"
    assert page.get_attribute("button[type=submit]:has-text('Déposer')", "aria-disabled") is None
    assert received == []


def test_without_script_the_pages_still_work(browser: Browser, address: str, received: list[int]) -> None:
    received.clear()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/depot")
    page.fill("#title", "bon")
    page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x" * 42})
    page.click("text=Déposer")
    assert page.url == f"{address}/lire"
    assert received == [42]
    context.close()
