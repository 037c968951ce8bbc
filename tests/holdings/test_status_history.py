"""The holder of a certificate is told that something was decided of it: by a mail without result, then on
their own page.
"""

import pytest
from sqlalchemy import select

from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.holdings.rules.status_changes import StatusChangeKind
from portfolio.domain.holdings.use_cases.status_history import load_status_history
from portfolio.domain.jury_session.use_cases.minutes import rectify
from portfolio.wording.holdings.grants import status_change_message
from tests.holdings.status_changes import LATER, later
from tests.jury.builders import close, scene

SAID = {
    StatusChangeKind.SUSPENSION: "a suspendu les blocs 1, 2, 3 et 4",
    StatusChangeKind.CONFIRMATION: "sur les blocs 1, 2, 3 et 4 : la suspension est levée",
    StatusChangeKind.RECTIFICATION: "au sujet du bloc 1. Ce qui est acquis ne change pas",
    StatusChangeKind.WITHDRAWAL: "a retiré le bloc 1 pour fraude, après avoir entendu la personne le 10 février 2027",
    StatusChangeKind.ANNULMENT: "la décision du jury sur les blocs 2, 3 et 4",
}


def test_each_later_act_writes_a_mail_without_result_and_is_read_with_its_reason(db):
    made = scene(db, refused=())
    close(db, made)
    for rank, kind in enumerate(SAID, 1):
        block = made.blocks[1] if kind is StatusChangeKind.ANNULMENT else made.blocks[0]
        later(db, kind, made.candidate.id, block, made.certifier.id, reason=f"Motif {kind}.")
        with db.reader() as session:
            mails = [one for one in session.scalars(select(OutgoingEmail)) if "une décision vous attend" in one.subject]
            acts = load_status_history(session, made.candidacy_id).acts
        assert [mail.person_id for mail in mails] == [made.candidate.id] * rank
        said = {act.reason: status_change_message(act).replace("\u00a0", " ") for act in acts}
        assert SAID[kind] in said[f"Motif {kind}."]
    told = " ".join(mail.subject + mail.text for mail in mails).lower()
    assert f"/dossiers/{made.candidacy_id}/resultats" in told
    assert not [
        word for word in ("suspen", "annul", "retir", "fraude", "bloc", "certificat", "confirm") if word in told
    ]


@pytest.mark.records("minutes_rectified")
def test_minutes_rectified_are_told_and_read_too(db):
    made = scene(db, refused=())
    close(db, made)
    with db.transaction() as session:
        rectify(session, made.hearing_id, "Lire « Lyon ».", by=made.certifier.id, at=LATER)
    with db.reader() as session:
        assert [one.person_id for one in session.scalars(select(OutgoingEmail)) if "une décision" in one.subject] == [
            made.candidate.id
        ]
        (told,) = load_status_history(session, made.candidacy_id).rectified
    assert (told.minutes[:3], told.written_at) == ("PV-", LATER)
