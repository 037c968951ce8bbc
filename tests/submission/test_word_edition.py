"""The livret 2 in the DOCX template of a certifier: what is refused at upload, what is filled, and for whom."""

import io
from collections.abc import Iterator

import pytest
from docx import Document
from flask import Flask
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.documents.word.client import TemplateFault, TemplateRejected, check_template, filled_template
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.certification.use_cases.publishing import find_template
from portfolio.domain.dossier.models.dossier import Narrative
from portfolio.domain.submission.use_cases import editions
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.errors import Refusal
from portfolio.files.conversion import office
from portfolio.files.conversion.converting import converted
from portfolio.files.file_types.types import FileRejected, FileType
from portfolio.wording.certification.by_hand import rejected_message
from portfolio.wording.documents.word_template import FIELDS, example_template, sample_values
from tests import factories, samples
from tests.factories import AT
from tests.page import CheckedClient
from tests.submission.test_editions import make


def docx(*lines: str) -> bytes:
    """A Word document of these paragraphs."""
    document, out = Document(), io.BytesIO()
    for line in lines:
        document.add_paragraph(line)
    document.save(out)
    return out.getvalue()


def rejected(*lines: str) -> TemplateRejected:
    content = docx(*lines)
    with pytest.raises(TemplateRejected) as caught:
        check_template(io.BytesIO(content), len(content), sample_values())
    return caught.value


def filled(content: bytes, values: dict[str, object]) -> list[str]:
    with filled_template(io.BytesIO(content), values) as path:
        return [paragraph.text for paragraph in Document(str(path)).paragraphs]


def test_the_example_is_a_template_and_holds_every_field():
    example = example_template()
    check_template(io.BytesIO(example), len(example), sample_values())
    written = " ".join(paragraph.text for paragraph in Document(io.BytesIO(example)).paragraphs)
    left_out = {"numero", "empreinte", "declaration_date", "parcours", "motivation", "conclusion", "niveau", "fichier"}
    for field in (field.written for fields in FIELDS.values() for field in fields):
        assert field in written or field.strip("{} ").rpartition(".")[2] in left_out, field


@pytest.mark.slow
def test_every_field_of_the_list_can_be_used():
    for fields in FIELDS.values():
        loops = [field.written for field in fields if field.written.startswith("{%p for")]
        lines = [
            *loops,
            *(field.written for field in fields if field.written not in loops),
            *["{%p endfor %}"] * len(loops),
        ]
        content = docx(*lines)
        if "part." in "".join(lines):
            continue  # its loops stand inside each other in another order: the example has them
        check_template(io.BytesIO(content), len(content), sample_values())


@pytest.mark.parametrize(
    ("lines", "fault", "tag", "near"),
    [
        (["{{ candidta }}"], TemplateFault.UNKNOWN_FIELD, "{{ candidta }}", "candidat"),
        (["{{ certification.titre }}"], TemplateFault.UNKNOWN_FIELD, "{{ certification.titre }}", "intitule"),
        (["{% if jamais %}x{% endif %}"], TemplateFault.UNKNOWN_FIELD, "{% if jamais %}", ""),
        (["{%p for b in blocs %}", "{{ b.numero }}"], TemplateFault.BROKEN_TAG, "{% for b in blocs %}", ""),
        (["{{ candidat"], TemplateFault.BROKEN_TAG, "{{ candidat", ""),
        (["{{ candidat | inconnu }}"], TemplateFault.BROKEN_TAG, "{{ candidat | inconnu }}", ""),
        (["Bonjour"], TemplateFault.NO_FIELD, "", ""),
        (["{% for i in range(10000000) %}x{% endfor %}{{ candidat }}"], TemplateFault.FORBIDDEN, "", ""),
        (["{% include 'autre' %}{{ candidat }}"], TemplateFault.FORBIDDEN, "", ""),
    ],
)
def test_a_wrong_template_is_refused_with_its_tag(lines: list[str], fault: TemplateFault, tag: str, near: str):
    answer = rejected(*lines)
    assert (answer.code, answer.tag, answer.near) == (fault, tag, near)
    assert tag in rejected_message(answer)


def test_a_template_cannot_reach_python():
    assert rejected("{{ candidat.__class__.__mro__ }}").code in {TemplateFault.UNKNOWN_FIELD, TemplateFault.FORBIDDEN}


def test_what_is_no_word_document_is_refused():
    for content in (samples.pdf(1), b"bonjour"):
        with pytest.raises(TemplateRejected) as caught:
            check_template(io.BytesIO(content), len(content), sample_values())
        assert caught.value.code is TemplateFault.NOT_A_DOCX
    with pytest.raises(FileRejected):
        check_template(io.BytesIO(example_template()[:2000]), 2000, sample_values())


def test_texts_keep_their_paragraphs_their_bold_words_and_their_signs():
    values = sample_values()[0] | {
        "candidat": "Zoé <b> & Cie {{ empreinte }}",
        "parcours": "Un\nDeux\aTrois \ue000gras\ue001.",
    }
    content = docx("{{ candidat }}", "{{ parcours }}")
    assert filled(content, values) == ["Zoé <b> & Cie {{ empreinte }}", "Un\nDeux", "Trois gras."]
    with filled_template(io.BytesIO(content), values) as path:
        bold = [run.text for paragraph in Document(str(path)).paragraphs for run in paragraph.runs if run.bold]
    assert bold == ["gras"]


@pytest.fixture
def world(store: Database) -> factories.World:
    with store.transaction() as session:
        made = factories.world(session)
        narrative = session.scalars(select(Narrative)).first()
        assert narrative is not None
        narrative.situation = "Un récit **décisif**.\n\n- premier point\n- second point"
        return made


@pytest.fixture
def certifier(client: CheckedClient, store: Database, world: factories.World) -> Iterator[CheckedClient]:
    with store.transaction() as session:
        person = factories.certifier(session, world.body.id, "Paul Adam")
    client.log_in(person.email, factories.PASSWORD)
    return client


def page_of(world: factories.World) -> str:
    return f"/certifications/versions/{world.candidacy.version_id}/modele"


def send(client: CheckedClient, page: str, content: bytes):
    return client.send(page, {"file": (io.BytesIO(content), "modèle école.docx")})


@pytest.mark.records("word_template_removed", "word_template_set")
def test_a_certifier_gives_a_template_and_takes_it_back(
    certifier: CheckedClient, world: factories.World, store: Database
):
    page = page_of(world)
    assert certifier.get(f"{page}/fichier").status_code == 404
    wrong = send(certifier, page, docx("{{ candidta }}"))
    assert wrong.status_code == 422
    assert "{{ candidta }}" in wrong.text
    example = certifier.get(f"{page}/exemple.docx").data
    assert send(certifier, page, example).status_code == 303
    assert certifier.get(f"{page}/fichier").data == example
    other = docx("{{ candidat }}")
    assert send(certifier, page, other).status_code == 303
    assert certifier.get(f"{page}/fichier").data == other
    assert certifier.send(f"{page}/retirer", {}, form=page).status_code == 303
    with store.reader() as session:
        assert find_template(session, world.candidacy.version_id) is None


def sealed_by(store: Database, world: factories.World) -> Submission:
    with store.transaction() as session:
        return submit(session, world.candidacy.id, "Je le jure.", by=world.candidate.id, at=AT)


def test_the_livret_is_filled_from_the_draft_then_from_the_seal(
    app: Flask, certifier: CheckedClient, world: factories.World, store: Database
):
    send(certifier, page_of(world), example_template())
    draft = f"/dossiers/{world.candidacy.id}/brouillon"
    candidate = app.test_client()
    candidate.log_in(world.candidate.email, factories.PASSWORD)
    assert "Livret au modèle de l’organisme" in candidate.get(draft).text
    assert candidate.send(f"{draft}/word", {}, form=draft).status_code == 303
    make(app)
    texts = paragraphs(candidate.get(f"{draft}/word/fichier").data)
    assert any(text.startswith("brouillon du") for text in texts)
    assert "Un récit décisif." in texts
    assert "–\u00a0premier point" in texts
    sealed = sealed_by(store, world)
    book = f"/depots/{sealed.id}/livret"
    for person in (candidate, certifier):
        assert person.send(f"{book}/word", {}, form=book).status_code == 303
    make(app)
    answer = candidate.get(f"{book}/word/fichier")
    assert answer.mimetype == FileType.DOCX.mime
    texts = paragraphs(answer.data)
    assert any(text.startswith("dossier scellé le") for text in texts)
    assert "Je le jure." in texts
    assert certifier.get(f"{book}/word/fichier").data == answer.data
    check_opens(answer.data)
    send(certifier, page_of(world), docx("{{ candidat }}"))
    assert certifier.get(f"{book}/word/fichier").status_code == 409, "another template is another document"


def paragraphs(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs]


def check_opens(content: bytes) -> None:
    """LibreOffice opens what was made, where this machine has it."""
    if not office.has_office(FileType.DOCX):
        return
    with converted(io.BytesIO(content), FileType.DOCX) as made:
        assert made.pages >= 1


def test_without_a_template_nothing_is_offered(client: CheckedClient, world: factories.World, store: Database):
    client.log_in(world.candidate.email, factories.PASSWORD)
    draft = f"/dossiers/{world.candidacy.id}/brouillon"
    assert "modèle de l’organisme" not in client.get(draft).text
    assert client.send(f"{draft}/word", {}, form=draft).status_code == 409
    with store.reader() as session, pytest.raises(Refusal):
        editions.load_printable_draft(session, world.candidacy.id, at=AT).root_of(editions.EditionKind.WORD)
