"""What the pages and the letter say of one person, beside what the model says."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from lxml import html
from sqlalchemy import select

from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.notification.use_cases.notifying import find_notification
from tests.machine.model import HEARD, VALIDATED
from tests.page import CheckedClient

if TYPE_CHECKING:
    from tests.machine.machine import HearingMachine, Seen


def check(machine: HearingMachine, who: str) -> None:
    """Open the pages of one of them, and compare each with the model."""
    if who == "public":
        check_certificates(machine)
        return
    client = machine.store.browser(who)
    if who in ("candidate", "certifier"):
        for version, candidacy_id in machine.candidacies.items():
            check_results(machine, client, version, candidacy_id, is_candidate=who == "candidate")
    check_sitting(machine, client, who)
    for row in machine.seen if who != "candidate" else ():
        if who != "certifier" and row.model.members[0].key != who:
            continue
        # A member who recused, or has not declared, reads nothing of the candidate; nor do others later on.
        is_recent = row.model.closed_on is None or (machine.today - row.model.closed_on).days < 10
        # Nor does one who was found biased in another decision on the person.
        is_barred = row.model.is_barred
        reads = who == "certifier" or (row.model.members[0].ready and is_recent and not is_barred)
        if row.model.closed and reads:
            check_minutes(machine, client, row)
        elif reads and who != "certifier":
            # A substitute presides while the president is away: presence is theirs, and nothing leads there.
            presides = row.model.president.key == who
            for path in ("", "/apercu", *(("/presence",) if presides else ())):
                # Drafts stay hidden until every opinion is given: the preview then leads back to the hearing.
                page = client.get(f"/jurys/{row.id}{path}")
                assert page.status_code in (200, 303), (path, page.status_code)
                assert presides or f'"/jurys/{row.id}/presence"' not in page.text, path
                if row.model.attendance != HEARD:
                    assert "il manque la décision" not in page.text, "an absence asks for no decision"
        if who == "certifier":
            client.page(f"/sessions/{row.session_id}")


def check_sitting(machine: HearingMachine, client: CheckedClient, who: str) -> None:
    """Each page about the last sitting says that it is suspended; the person reads their absence, both until what was
    presented is held, by whatever way (R8).
    """
    row, heard = machine.row, machine.heard
    presented = {(heard.version, number) for number in heard.blocks}
    if who == "candidate" and presented <= machine.person.held(machine.today, notified=True):
        return
    own = f"/dossiers/{row.candidacy_id}"
    if machine.is_open and heard.is_suspended and not heard.is_returned:
        addresses = {
            "candidate": (own, f"{own}/resultats", f"/depots/{row.submission_id}"),
            "certifier": (f"/candidatures/{row.candidacy_id}", f"/sessions/{row.session_id}", "/sessions"),
            heard.members[0].key: (
                ("/jurys", f"/jurys/{row.id}") if heard.members[0].ready and not heard.is_barred else ()
            ),
        }
        for address in addresses.get(who, ()):
            assert "suspendue" in client.page(address).text, f"{address} does not tell the suspension"
    if who == "candidate" and heard.closed and not heard.void and heard.attendance != HEARD:
        assert "absen" in client.page(f"{own}/resultats").text.lower(), "the person does not read their absence"


def check_results(
    machine: HearingMachine, client: CheckedClient, version: int, candidacy_id: UUID, *, is_candidate: bool
) -> None:
    """Block by block, the page of results says held what is held, and nothing before its letter."""
    page = client.get(f"/dossiers/{candidacy_id}/resultats")
    assert page.status_code == 200, page.status_code
    tree = html.fromstring(page.text)
    held = machine.person.held(machine.today, notified=is_candidate)
    events = machine.person.events(notified=is_candidate)
    for number in (1, 2):
        (article,) = tree.xpath(f"//article[@aria-labelledby='bloc-{number}']")
        said = _text(article)
        is_held = (version, number) in held
        # A limit is that of the block, or of the one that an equivalence starts from (R6).
        ends = {
            until == date.max
            for block, on, until in events
            if block == (version, number) and on <= machine.today <= until
        }
        if len(ends) < 2:
            assert ("Acquis définitivement" in said) == (ends == {True}), f"bloc {number} : {said}"
        if not is_held:
            assert "Acquis" not in said or "n’est plus valable" in said, f"bloc {number} : {said}"
    text = _text(tree)
    if not held >= {(version, 1), (version, 2)}:
        assert "vous est acquis, sans limite" not in text, text
        assert "Obtenue définitivement" not in text, text


def check_minutes(machine: HearingMachine, client: CheckedClient, row: Seen) -> None:
    """The page of closed minutes tells every act: suspensions, recusals, overrides, ballots."""
    said = client.page(f"/jurys/{row.id}/resultat").text
    heard = row.model
    for reason in heard.suspensions:
        assert reason in said, f"the minutes do not tell the suspension « {reason} »: {said}"
    for key in heard.recusals:
        name = machine.member(key)[1].name
        assert re.search(f"{name}.{{0,600}}écus", said), f"{name} recused: {said}"
    later = machine.seen[machine.seen.index(row) + 1 :]
    stands = {
        number
        for other in (each.model for each in later)
        if other.version == heard.version and other.is_decided
        for number in other.decided.keys() - other.lost
    }
    if heard.lost and heard.lost <= stands:
        assert "un autre jury peut en décider" not in said, "the minutes wait for a jury that decided"
    if heard.is_decided:
        for number in heard.decided:
            why = heard.overrides.get(number)
            assert not why or heard.outcome(number) != heard.drafts[number] or why in said, why
            for ballot in heard.ballots.get(number, []):
                in_favour, against = ballot.counts(ballot.voters)
                assert re.search(rf"{in_favour} (voix )?pour\D+{against} (voix )?contre", said), (
                    f"{in_favour}–{against} in {said}"
                )


def check_certificates(machine: HearingMachine) -> None:
    """The public page of each certificate of a block says valid what its holder holds by it today."""
    client = machine.store.app.test_client()
    names = {block: key for key, block in machine.start.blocks.items()}
    held = machine.person.held(machine.today)
    with machine.store.db.reader() as session:
        query = select(Certificate.number, Grant.block_id, Grant.granted_on).join(Grant)
        found = session.execute(query).all()
    for number, block, on in found:
        page = client.page(f"/certificats/{number}")
        if names[block] not in held:
            assert "est valide" not in page.title + " ".join(page.headings), f"{names[block]} of {on}: {page.title}"


def check_letter(machine: HearingMachine, row: Seen) -> None:
    """Compare the letter that has just left with what is held by it and by what earlier letters told, and nothing else."""
    with machine.store.db.reader() as session:
        sent = find_notification(session, row.candidacy_id, row.number)
    assert sent is not None
    heard, held = row.model, machine.person.held(machine.today, notified=True)
    own = {number for version, number in held if version == heard.version}
    told = {block.number for block in sent.letter.granted if block.status == "held"}
    assert told <= {number for number, outcome in heard.decided.items() if outcome == VALIDATED}
    assert told | {block.number for block in sent.letter.held} >= own & heard.decided.keys()
    assert {block.number for block in sent.letter.held} <= own


def _text(element: html.HtmlElement) -> str:
    return re.sub(r"\s+", " ", " ".join(element.itertext())).strip()
