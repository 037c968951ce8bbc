"""Check what is written beside the pages: letters tell their readers nothing they may not read, the journal and the
ledger nobody.
"""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from portfolio.all_models import metadata
from portfolio.domain.account.models import Person
from portfolio.domain.email.models import OutgoingEmail
from portfolio.run.maintenance import queue_due_digests
from portfolio.web.clock import now
from tests.rights.application import Installation
from tests.rights.assessing import NOBODY_OF_THE_TABLE
from tests.rights.leak_markers import Canary, in_text
from tests.rights.table import BEHIND_LINK, TABLE
from tests.rights.visibility import may_see

# They stay when everything else of a person is erased: nothing of anybody's words stands there.
WITHOUT_WORDS = ("audit_event", "ledger_entry", "ledger_checkpoint", "ledger_salt", "ledger_erasure", "access_record", "exhibit_opening", "bulk_access_alert",
                 "login_session", "login_attempt", "known_browser", "account_token", "idempotency_key", "thread_read_marker", "digest_email")  # fmt: skip
HOUSES = {"north", "annex", "south"}


def test_the_journal_and_the_ledger_hold_no_words(installed: Installation):
    faults, rows = [], 0
    with installed.store.engine.connect() as connection:
        for name in WITHOUT_WORDS:
            assert name in metadata.tables
            for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"'):
                rows += 1
                faults += [f"{name}: {canary}" for canary in in_text(repr(tuple(row)))]
    assert not faults, "\n".join(sorted(set(faults)))
    assert rows >= 500, rows


def roles_in(here: Installation, who: str) -> dict[str, set[str]]:
    """Return what someone of the world is to each candidate and body, from their name in it."""
    what, _, place = who.partition(" ")
    role = {"candidate": "candidate", "advisor": "advisor", "certifier": "certifier"}.get(what, "president")
    if role == "candidate":
        return {place: {role}} | {house: {role} for house in HOUSES}
    owners = {"south": {"far", "south"}, "beside": {"beside", "annex"}}.get(
        place, here.world.places.keys() - {"far", "beside"}
    )
    return {owner: {role} for owner in {*owners, place, "north" if place == "beside" else place}}


def letters(here: Installation) -> Iterator[tuple[OutgoingEmail, dict[str, set[str]], set[Canary]]]:
    """Each letter, what its reader is, and what is their own."""
    names = {id: who for who, id in here.world.people.items()}
    with here.store.reader() as session:
        for mail in session.scalars(select(OutgoingEmail)):
            person = session.get(Person, mail.person_id) if mail.person_id else None
            own = in_text(f"{person.name} {person.email}") if person else in_text(f"{mail.to_name} {mail.to_email}")
            roles = roles_in(here, names[person.id]) if person and person.id in names else {}
            if (
                person and person.email == NOBODY_OF_THE_TABLE.email
            ):  # a candidate by another route, in no line of the table
                roles = {house: {"candidate"} for house in HOUSES}
            yield mail, roles, own


def test_a_letter_tells_its_reader_nothing_that_they_may_not_read(installed: Installation):
    """Invitations, requests for an attestation, codes, receipts, results, digests: all that was written so far."""
    queue_due_digests(installed.store, installed.app.config["SETTINGS"], now() + timedelta(days=2))
    faults, kinds = [], set()
    for mail, roles, own in letters(installed):
        kinds.add(mail.kind)
        outside = set() if mail.person_id else set(BEHIND_LINK.split())
        shown = installed.world.planted.seen_in_text(f"{mail.subject} {mail.text} {mail.to_name}") - own
        faults += [f"{mail.kind} to {mail.email}: {canary}" for canary in sorted(shown)
                   if canary.field not in outside and not may_see(canary, roles) and canary.field not in {"body", "token"}]  # fmt: skip
    assert not faults, "\n".join(sorted(set(faults)))
    assert {"news", "attestation_asked", "attestation_code", "attestation_receipt", "attestation_answered",
            "notified", "decided_later", "digest"} <= kinds, kinds  # fmt: skip


def test_letters_about_a_conversation_tell_no_name_and_no_word(installed: Installation):
    queue_due_digests(installed.store, installed.app.config["SETTINGS"], now() + timedelta(days=2))
    told = [(mail, own) for mail, _, own in letters(installed) if mail.kind in {"digest", "words"}]
    assert len(told) >= 5
    assert not [mail.email for mail, own in told if in_text(f"{mail.subject} {mail.text}") - own]


def test_no_archive_shows_the_drafts_of_the_presidency_to_a_member_without_opinions(installed: Installation):
    """Pages and other files are crossed with the rest (`AFTER_CLOSING`); what a ZIP holds is not read there."""
    opened, drafts = 0, {Canary("heard", field) for field in ("finding", "reason", "advice")}
    for line in TABLE:
        if (
            line.method == "GET"
            and installed.rule(line).rule.endswith(".zip")
            and (url := installed.url(line, "heard"))
        ):
            answer = installed.browser("juror", "heard").get(url, buffered=True)
            if answer.data[:4] == b"PK\x03\x04":
                opened += 1
                assert not installed.world.planted.seen_in_archive(answer.data) & drafts, line.endpoint
    assert opened


def test_nobody_hands_over_what_was_written_about_a_conversation(installed: Installation):
    queue_due_digests(installed.store, installed.app.config["SETTINGS"], now() + timedelta(days=2))
    assert [mail for mail, _, _ in letters(installed) if mail.kind == "digest" and mail.body_id is None]
    assert "À lire sur Acquis" not in installed.browser("certifier").get("/courriers").text


def test_the_proof_of_an_acquisition_is_found_under_its_own_candidacy_only(installed: Installation):
    place, other = (installed.world.places[tag] for tag in ("draft", "past"))
    certifier = installed.browser("certifier")
    url = str(
        installed.url(
            next(line for line in TABLE if line.endpoint == "certifier.certificates.acquisition_proof"), "draft"
        )
    )
    assert certifier.get(url, buffered=True).status_code == 200
    moved = url.replace(str(place["candidacy_id"]), str(other["candidacy_id"]))
    assert certifier.get(moved).status_code == 404
