"""The certifier's pages on a certificate, and what anyone then sees of it."""

from __future__ import annotations

from io import BytesIO

from sqlalchemy import select

from portfolio.certificate.models import Certificate, Grant
from tests import factories, samples
from tests.jury.scene import close, deliberate, scene


def certified(store):
    made = scene(store)
    deliberate(store, made, refused=(2, 3))
    close(store, made)
    with store.reader() as session:
        first = (
            select(Certificate.number).join(Grant, Grant.id == Certificate.grant_id).where(Grant.block_id == made.blocks[0].id)
        )
        return made, session.scalars(first).one()


def test_a_suspended_certificate_says_so_to_anyone_and_its_confirmation_restores_it(client, store):
    made, number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/candidatures/{made.candidacy_id}/certificats/{number}"
    said = {"reason": "Un membre était lié au candidat.", "decided_on": "2026-07-01"}
    for kind, words in (("suspension", "Ce certificat est suspendu"), ("confirmation", "Ce certificat est valide")):
        assert client.send(url, said | {"kind": kind}, form=url).status_code == 303
        assert words in client.page(f"/certificats/{number}").text


def test_a_withdrawal_without_a_hearing_keeps_what_was_typed(client, store):
    made, number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/candidatures/{made.candidacy_id}/certificats/{number}"
    data = {"kind": "withdrawal", "reason": "Deux pièces sont copiées.", "decided_on": "2026-07-01"}
    answer = client.send(url, data, form=url)
    assert answer.status_code == 422
    assert "Deux pièces sont copiées." in answer.text
    assert client.send(url, data | {"heard_on": "2026-06-30"}, form=url).status_code == 303
    assert "a été retiré" in client.page(f"/certificats/{number}").text


def test_a_block_acquired_elsewhere_is_entered_with_its_proof_and_has_its_public_page(client, store):
    made, _number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/candidatures/{made.candidacy_id}/acquis"
    data = {"block_id": str(made.blocks[1].id), "acquired_on": "2019-06-30", "obtained_at": "Formation de Lyon"}
    assert client.send(url, data, form=url).status_code == 422
    answer = client.send(url, data | {"proof": (BytesIO(samples.pdf()), "preuve.pdf")}, form=url)
    assert answer.status_code == 303
    page = client.page(url)
    assert "Formation de Lyon" in page.text
    with store.reader() as session:
        grant = select(Certificate.number).join(Grant, Grant.id == Certificate.grant_id).where(Grant.acquisition_id.is_not(None))
        number = session.scalars(grant).one()
    assert "une autre voie" in client.page(f"/certificats/{number}").text
    again = client.send(url, data | {"proof": (BytesIO(samples.pdf()), "preuve.pdf")}, form=url)
    assert again.status_code == 409
    assert "déjà acquis" in again.text
