"""The life of a request has one end; a code has a few tries; what is signed is one text, whatever was written."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.dossier.rules.attestation import (
    ASKED_A_DAY,
    CODE_LIFE,
    CODE_TRIES,
    REMINDER_EVERY,
    REMINDERS,
    WAITING_MOST,
    AskedCompetency,
    Attachment,
    AttestationRefusal,
    ClaimedRelationship,
    CodeError,
    Delivery,
    Record,
    Relationship,
    RequestAction,
    RequestState,
    RequestStatus,
    SentCode,
    SignedEvidence,
    Statement,
    Subject,
    can_request,
    canonical,
    code_error,
    digest_of,
    kind_of,
    mask_email,
    may_send_code,
    missing_answers,
    read_payload,
    refusal_for,
    signed_payload,
    status_of,
    transition,
)
from portfolio.domain.dossier.rules.description import EvidenceKind

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIFE = timedelta(days=30)
ENDS = {RequestState.SIGNED, RequestState.DECLINED, RequestState.EXPIRED, RequestState.WITHDRAWN}
HISTORIES = st.lists(st.tuples(st.sampled_from(RequestAction), st.integers(0, 200)), max_size=25)


def walked(
    history: list[tuple[RequestAction, int]],
) -> list[tuple[datetime, RequestAction, RequestStatus, RequestStatus]]:
    """Try acts one after the other, some hours apart: each moment, the act, the request before and after it."""
    course, at, steps = RequestStatus(AT, AT + LIFE), AT, []
    for act, hours in history:
        at += timedelta(hours=hours)
        found = course if refusal_for(course, act, at) else transition(course, act, at)
        steps.append((at, act, course, found))
        course = found
    return steps


@given(HISTORIES)
def test_a_request_has_one_end_and_never_lives_again(history):
    ended = None
    for at, act, before, found in walked(history):
        if status_of(before, at) in ENDS:
            assert found == before, "nothing happens to what has ended"
            assert refusal_for(before, act, at) is not None
        if ended is not None:
            assert status_of(found, at) is ended, "an end stays what it was"
        ended = status_of(found, at) if status_of(found, at) in ENDS else None
        written_down = [found.signed_at, found.declined_at, found.withdrawn_at]
        assert sum(moment is not None for moment in written_down) <= 1


@given(HISTORIES)
def test_a_link_signs_once_and_before_its_end(history):
    signed = [at for at, act, before, found in walked(history) if act is RequestAction.SIGN and found != before]
    assert len(signed) <= 1
    assert all(at < AT + LIFE for at in signed)


@given(HISTORIES)
def test_reminders_are_few_and_days_apart(history):
    letters = [
        AT,
        *(at for at, act, before, found in walked(history) if act is RequestAction.REMIND and found != before),
    ]
    assert len(letters) <= 1 + REMINDERS
    assert all(later - earlier >= REMINDER_EVERY for earlier, later in pairwise(letters))


def test_a_request_is_sent_then_opened_then_expires():
    course = RequestStatus(AT, AT + LIFE)
    assert status_of(course, AT) is RequestState.SENT
    opened = transition(course, RequestAction.OPEN, AT + timedelta(days=1))
    assert status_of(opened, AT + timedelta(days=2)) is RequestState.OPENED
    assert transition(opened, RequestAction.OPEN, AT + timedelta(days=3)) == opened, "opening again changes nothing"
    assert status_of(opened, AT + LIFE) is RequestState.EXPIRED
    assert refusal_for(opened, RequestAction.SIGN, AT + LIFE) is AttestationRefusal.HAS_EXPIRED


def test_why_a_reminder_waits():
    course = RequestStatus(AT, AT + LIFE)
    assert refusal_for(course, RequestAction.REMIND, AT + timedelta(days=2)) is AttestationRefusal.REMINDED_LATELY
    assert (
        refusal_for(replace(course, reminders=REMINDERS), RequestAction.REMIND, AT + timedelta(days=9))
        is AttestationRefusal.REMINDED_ENOUGH
    )


def test_whom_one_may_ask():
    ask = {"address": "a@exemple.fr", "own": "moi@exemple.fr", "waiting": [], "asked": [], "at": AT}
    assert can_request(**ask) is None
    assert can_request(**ask | {"own": "a@exemple.fr"}) is AttestationRefusal.OWN_ADDRESS
    assert can_request(**ask | {"waiting": ["a@exemple.fr"]}) is AttestationRefusal.ALREADY_ASKED
    many = [f"{n}@exemple.fr" for n in range(WAITING_MOST)]
    assert can_request(**ask | {"waiting": many}) is AttestationRefusal.TOO_MANY_WAIT
    assert can_request(**ask | {"asked": [AT] * ASKED_A_DAY}) is AttestationRefusal.TOO_MANY_WAIT
    assert can_request(**ask | {"asked": [AT - timedelta(days=2)] * ASKED_A_DAY}) is None


@given(wrong=st.integers(0, 12), minutes=st.integers(0, 60), matches=st.booleans())
def test_only_a_live_unspent_and_right_code_confirms(wrong, minutes, matches):
    sent = SentCode(AT, AT + CODE_LIFE, wrong)
    at = AT + timedelta(minutes=minutes)
    confirms = code_error(sent, matches, at) is None
    assert confirms == (matches and wrong < CODE_TRIES and at < AT + CODE_LIFE)


def test_why_a_code_does_not_confirm():
    sent = SentCode(AT, AT + CODE_LIFE)
    assert code_error(None, False, AT) is CodeError.NONE_SENT
    assert code_error(sent, False, AT) is CodeError.WRONG
    assert code_error(sent, True, AT + CODE_LIFE) is CodeError.EXPIRED
    assert code_error(replace(sent, wrong=CODE_TRIES), True, AT) is CodeError.SPENT


def test_codes_are_sent_a_minute_apart_and_not_for_ever():
    assert may_send_code([], AT) is None
    assert may_send_code([AT], AT + timedelta(seconds=30)) is AttestationRefusal.CODE_LATELY
    assert may_send_code([AT], AT + timedelta(minutes=2)) is None
    assert may_send_code([AT - timedelta(hours=n) for n in range(1, 21)], AT) is AttestationRefusal.CODES_ENOUGH


def test_what_an_attestation_cannot_do_without():
    assert missing_answers(Statement()) == ("quality", "capacity", "seen", "tie")
    assert (
        missing_answers(
            Statement(ClaimedRelationship.CLIENT, capacity="Cliente.", seen="Elle a livré.", tie=Relationship.NONE)
        )
        == ()
    )


def test_an_employer_or_a_manager_gives_an_employer_attestation():
    assert {
        claimed_relationship
        for claimed_relationship in ClaimedRelationship
        if kind_of(claimed_relationship) is EvidenceKind.EMPLOYER_ATTESTATION
    } == {ClaimedRelationship.EMPLOYER, ClaimedRelationship.MANAGER}


def test_an_address_is_shown_by_its_first_letter_and_its_domain():
    assert mask_email("gwen.legoff@agence.fr") == "g…@agence.fr"


WRITTEN = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def record(text: str = "Elle a conduit la refonte.", annex: Attachment | None = None) -> Record:
    subject = Subject(
        "Samia", "Expert", "RNCP16959", "Institut", "Agence", text, (AskedCompetency("1.2", text),), date(2026, 3, 1)
    )
    words = Statement(
        ClaimedRelationship.MANAGER, "Agence", date(2012, 1, 1), None, text, text, "", "", Relationship.NONE
    )
    collected = SignedEvidence("g…@agence.fr", Delivery.MAILED, AT, AT, AT)
    return Record(UUID(int=7), subject, "Gwenaëlle Le Goff", words, "J’atteste.", collected, annex)


@given(WRITTEN)
def test_whatever_is_written_the_payload_names_its_own_digests(text):
    made = record(text, Attachment("a.pdf", 3, "cd" * 32))
    assert read_payload(signed_payload(made, "ab" * 32)) == (digest_of(made), "ab" * 32, "cd" * 32)
    assert canonical(made) == canonical(record(text, Attachment("a.pdf", 3, "cd" * 32)))


def test_one_sign_changed_in_a_payload_is_seen():
    said = json.loads(signed_payload(record(), "ab" * 32))
    said["attestation"]["words"]["seen"] += "!"
    assert read_payload(json.dumps(said).encode()) is None
    for nonsense in (b"", b"[]", b'{"attestation": 1}', b'{"attestation": {"annex": null}, "digest": 1, "pdf": 2}'):
        assert read_payload(nonsense) is None
