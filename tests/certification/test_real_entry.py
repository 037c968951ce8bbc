"""The reference entry, from its text to its publication."""

import io

import pytest
from sqlalchemy import func, select

from portfolio.domain.certification.models import Block, CertificationVersion
from tests.certification.answered import answer as answer_doubts
from tests.certification.draft_pages import IMPORT, draft_url, filled, the_draft, versions
from tests.page import Page


def test_the_reference_entry_is_imported_corrected_and_published(browser, store, fiches):
    content = (fiches / "rncp-16959.txt").read_bytes()
    answer = browser.send(IMPORT, {"file": (io.BytesIO(content), "rncp-16959.txt")}, follow_redirects=True)
    page = Page(answer.text)
    assert page.headings == ["Expert(e) en stratégie digitale"]
    with store.reader() as session:
        version = session.scalars(select(CertificationVersion)).one()
        doubts, version_id = version.to_entry().doubts, version.id
    assert len(page.all("input", name="settled")) == len(doubts)
    before = the_draft(store, version_id)
    browser.post(draft_url(version_id), data=filled(browser, version_id).fields)
    assert the_draft(store, version_id) == before
    with store.transaction() as session:
        answer_doubts(session, version_id)
    browser.send(f"/certifications/versions/{version_id}/publier")
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(Block)) == 4


@pytest.mark.parametrize("kind", ["*.pdf", "README*"])
def test_a_file_of_the_corpus_given_instead_of_an_entry_is_refused(browser, store, corpus, kind):
    given = next(iter(sorted(corpus.rglob(kind))))
    answer = browser.send(IMPORT, {"file": (io.BytesIO(given.read_bytes()), given.name)})
    assert answer.status_code == 422
    assert "rien n’est enregistré" in Page(answer.text).text.lower()
    assert versions(store) == 0
