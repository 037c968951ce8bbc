"""A person who sends many heavy files at once waits for their own, and nobody else does."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from portfolio.domain.dossier.rules.quota import UploadRefusal
from portfolio.domain.dossier.use_cases import uploads
from portfolio.errors import Refusal
from portfolio.files.file_types.types import DetectedFile, FileType
from portfolio.screens.evidence_files.uploads import AT_ONCE, limit_concurrency
from tests import factories, samples


def test_a_sender_has_few_turns_and_gets_them_back():
    with limit_concurrency("samia"), limit_concurrency("samia"), limit_concurrency("samia"):
        with pytest.raises(Refusal) as refused, limit_concurrency("samia"):
            pass
        assert refused.value.code is UploadRefusal.AT_ONCE
        with limit_concurrency("marc"):
            pass
    with pytest.raises(ZeroDivisionError), limit_concurrency("samia"):
        1 / 0  # noqa: B018
    with limit_concurrency("samia"):
        pass


def test_a_file_too_many_at_once_is_refused_with_a_sentence_while_the_others_are_looked_at(app, store, monkeypatch):
    with store.transaction() as session:
        world = factories.world(session, filled=False)
    looked_at, go_on = threading.Semaphore(0), threading.Event()

    def slow(content: io.BytesIO, size: int) -> DetectedFile:
        looked_at.release()
        assert go_on.wait(30)
        return DetectedFile(FileType.PDF, 1)

    monkeypatch.setattr(uploads, "sniff", slow)
    path = f"/dossiers/{world.candidacy.id}/preuves/ajouter"
    clients = [app.test_client() for _ in range(AT_ONCE + 1)]
    for client in clients:
        client.log_in(world.candidate.email, factories.PASSWORD)
    forms = [
        {field["name"]: field.get("value", "") for field in client.page(path).all("input", type="hidden")}
        for client in clients
    ]

    def send(number: int) -> tuple[int, str]:
        sent = {**forms[number], "files": (io.BytesIO(samples.pdf()), f"{number}.pdf")}
        answer = clients[number].post(path, data=sent, content_type="multipart/form-data")
        return answer.status_code, answer.text

    with ThreadPoolExecutor(AT_ONCE) as people:
        waiting = [people.submit(send, number) for number in range(AT_ONCE)]
        for _ in waiting:
            assert looked_at.acquire(timeout=30)
        status, text = send(AT_ONCE)
        go_on.set()
        assert [one.result()[0] for one in waiting] == [303] * AT_ONCE
    assert status == 409
    assert "encore en cours de vérification" in text
