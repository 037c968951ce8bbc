"""The whole story, told once: every body, every candidate, every state."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select, update

from portfolio.db.engine import Database
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.account.rules import TokenPurpose
from portfolio.domain.account.use_cases import issue_token, start_session
from portfolio.domain.candidacy_listing.events import number_changes
from portfolio.domain.certification.rules.entry import Entry, Route, RouteEntry
from portfolio.domain.certification.rules.entry_schema import entry_from_json
from portfolio.domain.certification.use_cases.importing import import_entry
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant, PriorHolding
from portfolio.domain.holdings.rules.prior_lines import Column
from portfolio.domain.holdings.rules.status_changes import AcquisitionInput
from portfolio.domain.holdings.use_cases import holder_import
from portfolio.domain.holdings.use_cases.granting import record_acquisition
from portfolio.domain.holdings.use_cases.signatures import load_signing_page, sign
from portfolio.domain.jury.models.statements import Summons
from portfolio.domain.jury.rules.juror_card import JurorCard
from portfolio.domain.jury.rules.passage import SummonedAs
from portfolio.domain.jury_session.use_cases import pool, summons
from portfolio.files.renditions.rendition_worker import RenditionWorker
from portfolio.files.storage.store import FileStore
from portfolio.run.maintenance import purge_removed_evidence, purge_third_party_data
from portfolio.web.clock import now
from tests import factories
from tests.certification.answered import answer
from tests.rights import attesting
from tests.rights.assessing import assess
from tests.rights.drafts import candidate_of, house_of
from tests.rights.fixtures_world import SAT, STATES, Building, House, World, jurors, someone
from tests.rights.leak_markers import Canary, colour_pdf
from tests.rights.sittings import call, seal, sit


def build(database: Database, files: FileStore) -> World:
    """Tell the whole story; everything is dated from now, so that delays are what they are for people."""
    made = Building(database, files, now())
    north, south = house_of(made, "north"), house_of(made, "south")
    for tag in (*STATES, "listed"):
        candidate_of(made, north, tag)
        attesting.wait(made, tag)
        attesting.regret(made, tag)
    purge_third_party_data(files, database, made.at)
    for tag in attesting.SIGNED:
        attesting.sign(made, tag)
    for tag in ("sealed", "called", "listed", *SAT):
        seal(made, tag)
    attesting.sealed(made, "heard")
    call(made, north, "called", "listed")
    for tag in SAT:
        sit(made, north, tag)
    candidate_of(made, south, "far")
    seal(made, "far")
    sit(made, south, "far")
    beside = replace(north, tag="annex", advisor=someone(made, "annex", "advisor"), jurors=jurors(made, "annex"))
    made.world.people |= {"advisor beside": beside.advisor.id} | {
        f"{what} beside": one.id for what, one in beside.jurors.items()
    }
    candidate_of(made, beside, "beside")
    seal(made, "beside")
    sit(made, beside, "beside")
    assess(made, north)
    add_to_pool(made, north)
    add_holders(made, north)
    _wait(made, north)
    _end(made, north)
    assert (
        purge_removed_evidence(files, database, made.at) == len(made.world.places) - 1
    )  # « erased » is no candidate's
    RenditionWorker(database, files, now).run_all_due()
    # A list for a program numbers the changes that wait (decision 0161): none is left for a read to number.
    with database.transaction() as session:
        for body_id in session.scalars(select(CertifyingBody.id)).all():
            number_changes(session, body_id)
    return made.world


def add_to_pool(made: Building, north: House) -> None:
    """A juror of the pool with the link of their card; every state may find them in its addresses."""
    with made.database.transaction() as session:
        card = JurorCard("Nadia Kacem", "nadia.kacem@exemple.fr")
        juror = pool.add_juror(session, north.body_id, card, by=north.certifier.id, at=made.at)
        pool.send_card_link(session, juror, by=north.certifier.id, at=made.at)
        session.flush()
        letter = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == EmailTemplate.JUROR_CARD)).one()
        token = letter.text.partition("/fiche-jure/")[2].split()[0]
        found = {"pool_juror_id": juror.id, "card_token": token}
        rows = {row.session_id: row for row in session.scalars(select(Summons)) if row.summoned_as is SummonedAs.JUROR}
        called = rows[made.world.places["called"]["session_id"]]
        found["summons_token"] = summons.answer_token(called)
        for place in made.world.places.values():
            row = rows.get(place.get("session_id"))
            place.update(found | ({"summons_id": row.id} if row is not None else {}))


def add_holders(made: Building, north: House) -> None:
    """A holder of before, and a list that waits for its confirmation; every state may find them in its addresses."""
    cells = dict.fromkeys(Column, "") | {
        Column.NAME: "Odile Perrin",
        Column.EMAIL: "odile.perrin@exemple.fr",
        Column.CERTIFICATION: "RNCP16959",
        Column.BLOCK: "1",
        Column.OBTAINED: "14/06/2019",
        Column.REFERENCE: "Procès-verbal",
    }
    # It proves what another person holds: it stays where it is when a candidate is erased.
    proof = made.keep("called", "proof", colour_pdf(str(Canary("called", "prooffile")), (255, 255, 255)))
    with made.database.transaction() as session:
        told = (session, north.body_id, "liste.csv", [(2, cells)], [proof])
        done = holder_import.start_import(*told, by=north.certifier.id, at=made.at)
        holder_import.confirm_import(session, done, expected=1, by=north.certifier.id, at=made.at)
        waiting = holder_import.start_import(*told, by=north.certifier.id, at=made.at)
        holding = session.scalars(select(PriorHolding)).one()
        for place in made.world.places.values():
            place |= {"holding_id": holding.id, "import_id": waiting.id}


def next_entry(code: str = "RNCP99999") -> Entry:
    """An entry without a doubt, of another code than the one that is published."""
    routes = tuple(RouteEntry(route, route is not Route.INDIVIDUAL or None, None) for route in Route)
    return replace(entry_from_json(factories.entry(code)), routes=routes)


def _wait(made: Building, north: House) -> None:
    """A draft of another certification; a candidate who has not chosen a password yet, with the link that lets them."""
    place = made.world.places["called"]
    with made.database.transaction() as session:
        person = session.get_one(Person, made.world.people["candidate called"])
        person.password_hash = None
        # Another one who still writes: the certifier may invite them again.
        session.get_one(Person, made.world.people["candidate draft"]).password_hash = None
        place["token"] = issue_token(session, person.id, TokenPurpose.INVITATION, at=made.at)
        made.world.planted.words[str(place["token"])] = Canary("called", "token")
        draft = import_entry(session, north.body_id, next_entry(), by=north.certifier.id, at=made.at)
        answer(session, draft.version.id)
        made.world.places["draft"]["draft_version_id"] = draft.version.id


def _end(made: Building, north: House) -> None:
    """An acquisition in the draft, every certificate signed but those of `closed`, numbers known, everybody
    connected.
    """
    place = made.world.places["draft"]
    with made.database.transaction() as session:
        proof = made.keep("draft", "proof", colour_pdf(str(Canary("draft", "prooffile")), (255, 255, 255)))
        first = session.get_one(factories.CertificationVersion, north.version_id).blocks[0]
        said = AcquisitionInput(first.id, factories.ADMISSIBLE, str(Canary("draft", "obtained")))
        row = record_acquisition(session, place["candidacy_id"], said, proof, by=north.certifier.id, at=made.at)
        place["acquisition_id"] = row.id
        numbers = session.execute(
            select(Certificate.id, Certificate.number, func.coalesce(Grant.person_id, Award.person_id))
            .outerjoin(Grant, Grant.id == Certificate.grant_id)
            .outerjoin(Award, Award.id == Certificate.award_id)
        ).all()
        owners = {made.world.people[f"candidate {tag}"]: tag for tag in made.world.places if tag != "erased"}
        for _, number, person in numbers:
            made.world.planted.words[number] = Canary(owners[person], "number")
            made.world.places[owners[person]]["certificate_number"] = number
        waiting = [
            unsigned_certificate.id for unsigned_certificate in load_signing_page(session, north.body_id).waiting
        ]
        unsigned = {id for id, _, person in numbers if owners[person] == "closed"}
        sign(session, north.body_id, [id for id in waiting if id not in unsigned], by=north.certifier.id, at=made.at)
        made.world.tokens = {
            who: start_session(session, person, timedelta(hours=12), at=made.at)
            for who, person in made.world.people.items()
        }
        gone = [made.world.people["suspended north"], made.world.people["suspended south"]]
        session.execute(update(Person).where(Person.id.in_(gone)).values(suspended_at=made.at))
