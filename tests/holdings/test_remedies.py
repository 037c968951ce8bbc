"""Each kind of decision has its own text on remedies, which the body adopts before the first letter of that kind."""

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.certifying_body.rules import BodySettingsValue, DocumentRefusal, RemedyKind
from portfolio.domain.certifying_body.settings import load_body_settings
from portfolio.domain.email.models import CertifyingBodySettings, OutgoingEmail
from portfolio.domain.holdings.models.events import GrantStatusChange
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.errors import Refusal
from portfolio.wording.certifying_body import remedies_models
from portfolio.wording.refusal_messages import refusals
from tests import factories
from tests.holdings.status_changes import later
from tests.jury import builders
from tests.jury.pages import as_certifier
from tests.notification.builders import REMEDIES, speak
from tests.page import CheckedClient

ANNULMENT = factories.ADOPTED["remedies_annulment"]


def forget(db: Database, body_id, kind: str) -> None:
    with db.transaction() as session:
        setattr(session.get_one(CertifyingBodySettings, body_id), f"remedies_{kind}", None)


def test_a_body_that_adopted_one_text_is_proposed_a_model_of_the_others():
    words = BodySettingsValue(legal_name="Institut", remedies="Deux mois.")
    assert words.remedies_of(RemedyKind.JURY) == "Deux mois."
    assert set(remedies_models(words)) == set(RemedyKind) - {RemedyKind.JURY}
    assert all("Institut" in text for text in remedies_models(words).values())


def test_the_sentence_of_a_missing_text_names_its_kind():
    said = {kind: refusals()[DocumentRefusal.NO_REMEDIES]({"kind": kind}) for kind in RemedyKind}
    assert len(set(said.values())) == len(RemedyKind)
    assert refusals()[DocumentRefusal.NO_REMEDIES]({}) == said[RemedyKind.JURY]


@pytest.mark.parametrize("kind", [StatusChangeKind.SUSPENSION, StatusChangeKind.ANNULMENT])
def test_what_ends_or_holds_a_right_is_told_with_its_own_remedies(db: Database, kind):
    made = builders.scene(db, refused=(2,))
    builders.close(db, made)
    forget(db, made.body_id, "annulment")
    with pytest.raises(Refusal) as refused:
        later(db, kind, made.candidate.id, made.blocks[0], made.certifier.id)
    assert (refused.value.code, refused.value.facts["kind"]) == (DocumentRefusal.NO_REMEDIES, RemedyKind.ANNULMENT)
    with db.reader() as session:
        assert session.scalars(select(GrantStatusChange)).all() == []
    speak(db, made)
    later(db, kind, made.candidate.id, made.blocks[0], made.certifier.id)
    with db.reader() as session:
        letter = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "decided_later")).one()
    assert ANNULMENT in letter.text
    assert REMEDIES not in letter.text


def test_the_body_adopts_the_four_texts_on_its_settings(client: CheckedClient, store: Database):
    made = builders.scene(store, refused=(2,))
    as_certifier(client, made)
    typed = {
        "legal_name": "Institut",
        "remedies": "Jury : deux mois.",
        "remedies_admissibility": "Recevabilité : deux mois.",
        "remedies_annulment": "Annulation : deux mois.",
        "remedies_complaint": "Réclamation : le médiateur.",
    }
    bad = client.send("/organisme/reglages", typed | {"remedies_complaint": "Le [médiateur]."})
    assert bad.status_code == 422
    assert "Annulation : deux mois." in bad.text
    assert client.send("/organisme/reglages", typed).status_code == 303
    with store.reader() as session:
        words = load_body_settings(session, made.body_id)
    assert [words.remedies_of(kind).partition(" ")[0] for kind in RemedyKind] == [
        "Recevabilité",
        "Jury",
        "Annulation",
        "Réclamation",
    ]
