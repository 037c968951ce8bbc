"""Awards are told to the Caisse des Dépôts, answered, corrected, suppressed; a number is erased once accepted."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.candidacy_listing.models import CertificateListing
from portfolio.domain.holdings.models.grants import Certificate
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.si_cpf.models import SiCpfIdentity, SiCpfPassage
from portfolio.domain.si_cpf.rules import FlowAction, SchemaVersion, SiCpfRefusal
from portfolio.domain.si_cpf.use_cases import transmission
from portfolio.domain.si_cpf.use_cases.awards import Place, count_places, list_awards, list_facts, load_clock
from portfolio.errors import Conflict, Refusal
from tests import factories
from tests.si_cpf.builders import AT, AWARDED, KEY, LATER, NOBODY, enrol, holder, identify, receipt, technical_ids

NIR = "184052A063012"


@pytest.fixture
def world(db: Database) -> factories.World:
    return factories.begin_world(db, filled=False)


def prepare(session, world, action=FlowAction.CREATION, at=AT):
    flow = transmission.prepare_flow(session, world.body.id, action, "https://x.fr", by=world.certifier.id, at=at)
    transmission.keep_digest(session, flow.id, transmission.digest_of(transmission.write_flow(session, flow, KEY)))
    return flow


def read(session, world, file, at=LATER):
    return transmission.apply_receipt(session, file, world.body.id, by=world.certifier.id, at=at)


def places(session, world) -> dict[str, int]:
    return {place.value: number for place, number in count_places(session, world.body.id).items()}


def test_an_award_goes_from_its_identity_to_its_acceptance(db: Database, world):
    with db.transaction() as session:
        candidacy = holder(session, world)
    with db.transaction() as session:
        assert places(session, world) == {"incomplete": 1}
        assert [gap.value for gap in list_awards(session, world.body.id, Place.INCOMPLETE)[0].gaps] == ["identity"]
        with pytest.raises(Refusal, match=SiCpfRefusal.NO_SETTINGS):
            prepare(session, world)
        enrol(session, world)
        with pytest.raises(Refusal, match=SiCpfRefusal.NOTHING):
            prepare(session, world)
        identify(session, candidacy, nir=NIR)
        assert places(session, world) == {"ready": 1}
        clock = load_clock(session, world.body.id)
        assert (clock.owed, clock.oldest, clock.to_remove) == (1, AWARDED, 0)
        flow = prepare(session, world)
        assert b"".join(transmission.write_flow(session, flow, KEY)).count(NIR.encode()) == 1
        assert places(session, world) == {"sent": 1}
        with pytest.raises(Refusal, match=SiCpfRefusal.LIVE_FLOW):
            prepare(session, world)
        transmission.mark_deposited(session, flow, by=world.certifier.id, at=AT)
        read(session, world, receipt(session, flow, {}))
        assert places(session, world) == {"accepted": 1}
        row = session.scalars(select(SiCpfIdentity)).one()
        assert (row.nir, row.nir_received_at, row.nir_erased_at) == (None, AT, LATER)
        assert load_clock(session, world.body.id).owed == 0
        with pytest.raises(Refusal, match=SiCpfRefusal.NOTHING):
            prepare(session, world)


def test_a_file_bears_the_year_in_paris(db: Database, world):
    with db.transaction() as session:
        enrol(session, world)
        identify(session, holder(session, world), nir=NIR)
    with db.transaction() as session:
        flow = prepare(session, world, at=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert flow.flow_id.startswith("ACQ-2027-000001-")


@pytest.mark.records("si_cpf_flow_dropped")
def test_a_rejected_award_waits_for_its_correction_and_keeps_its_id_and_number(db: Database, world):
    with db.transaction() as session:
        enrol(session, world)
        people = [holder(session, world, name) for name in ("Samia Benali", "Inès D’Angelo & fils")]
        for candidacy in people:
            identify(session, candidacy, nir=NIR)
    with db.transaction() as session:
        flow = prepare(session, world)
        first, second = technical_ids(session, flow)
        already = "Le passage certification avec le bcr émetteur X et l'id technique partenaire Y existe déjà en base"
        read(session, world, receipt(session, flow, {first: NOBODY, second: already}))
        assert (flow.accepted, flow.rejected) == (1, 1)
        assert places(session, world) == {"rejected": 1, "accepted": 1}
        row = list_awards(session, world.body.id, Place.REJECTED)[0]
        assert (str(row.id), row.message, row.has_nir) == (first, NOBODY, True)
        with pytest.raises(Refusal, match=SiCpfRefusal.NOTHING):
            prepare(session, world)
        candidacy = next(each for each in people if each.id == row.candidacy_id)
        identify(session, session.merge(candidacy), at=LATER + timedelta(hours=1), birth_name="BEN ALI")
        assert places(session, world) == {"ready": 1, "accepted": 1}
        again = prepare(session, world, at=LATER + timedelta(hours=2))
        assert again.flow_id != flow.flow_id
        assert technical_ids(session, again) == [first]
        transmission.drop_flow(session, again, by=world.certifier.id, at=LATER)
        assert places(session, world) == {"ready": 1, "accepted": 1}
        assert list_awards(session, world.body.id, Place.READY)[0].message == NOBODY


def test_a_receipt_is_read_whole_or_not_at_all(db: Database, world):
    with db.transaction() as session:
        enrol(session, world)
        for name in ("Samia Benali", "Inès Martin"):
            identify(session, holder(session, world, name))
    with db.transaction() as session:
        flow = prepare(session, world)
        first, second = technical_ids(session, flow)
        stranger = "00000000-0000-0000-0000-000000000001"
        for wrong, code in (
            (receipt(session, flow, {stranger: NOBODY}), SiCpfRefusal.UNKNOWN),
            (receipt(session, flow, {}, but={second}), SiCpfRefusal.INCOMPLETE),
            (
                BytesIO(receipt(session, flow, {}).read().replace(flow.flow_id.encode(), b"ACQ-9")),
                SiCpfRefusal.OTHER_FLOW,
            ),
            (BytesIO(receipt(session, flow, {}).read().replace(second.encode(), first.encode())), SiCpfRefusal.TWICE),
        ):
            with pytest.raises(Refusal, match=code):
                read(session, world, wrong)
            assert places(session, world) == {"sent": 2}
        read(session, world, receipt(session, flow, {first: NOBODY}))
        read(session, world, receipt(session, flow, {first: NOBODY}))
        assert (flow.accepted, flow.rejected) == (1, 1)
        with pytest.raises(Refusal, match=SiCpfRefusal.READ_OTHERWISE):
            read(session, world, receipt(session, flow, {}))
        with pytest.raises(Refusal, match=SiCpfRefusal.OTHER_FLOW):
            transmission.apply_receipt(
                session, receipt(session, flow, {first: NOBODY}), world.version.id, by=None, at=AT
            )


@pytest.mark.records("si_cpf_removal_asked")
def test_an_accepted_award_that_ends_is_suppressed_and_one_that_was_wrong_is_sent_again(db: Database, world):
    with db.transaction() as session:
        enrol(session, world)
        for name in ("Samia Benali", "Inès Martin"):
            identify(session, holder(session, world, name))
    with db.transaction() as session:
        flow = prepare(session, world)
        read(session, world, receipt(session, flow, {}))
        ended, wrong = session.scalars(select(SiCpfPassage).order_by(SiCpfPassage.award_id)).all()
        certificate = select(Certificate.id).where(Certificate.award_id == ended.award_id).scalar_subquery()
        listed = session.scalars(
            select(CertificateListing).where(CertificateListing.certificate_id == certificate)
        ).one()
        listed.status = GrantStatus.WITHDRAWN
        session.flush()
        assert places(session, world) == {"to_remove": 1, "accepted": 1}
        transmission.ask_removal(session, wrong, by=world.certifier.id, at=LATER)
        with pytest.raises(Refusal, match=SiCpfRefusal.NOT_ACCEPTED):
            transmission.ask_removal(session, wrong, by=world.certifier.id, at=LATER)
        gone = prepare(session, world, FlowAction.SUPPRESSION)
        text = b"".join(transmission.write_flow(session, gone, KEY))
        assert b"<cpf:action>SUPPRESSION</cpf:action>" in text
        assert gone.passages == 2
        read(session, world, receipt(session, gone, {}))
        assert places(session, world) == {"ready": 1, "removed": 1}
        again = prepare(session, world)
        assert technical_ids(session, again) == [str(wrong.award_id)]


def test_the_old_schema_neither_suppresses_nor_tells_a_number(db: Database, world):
    with db.transaction() as session:
        enrol(session, world, version=SchemaVersion.V1_1_2)
        identify(session, holder(session, world), nir=NIR)
    with db.transaction() as session:
        flow = prepare(session, world)
        text = b"".join(transmission.write_flow(session, flow, KEY))
        assert NIR.encode() not in text
        assert b"action" not in text
        read(session, world, receipt(session, flow, {}))
        with pytest.raises(Refusal, match=SiCpfRefusal.OLD_SCHEMA):
            prepare(session, world, FlowAction.SUPPRESSION)


def test_blocks_are_sent_only_once_the_body_says_so(db: Database, world):
    with db.transaction() as session:
        enrol(session, world)
        candidacy = factories.candidacy(session, world.version, factories.person(session, "Zoé Roy"))
        factories.held(session, candidacy, world.version.blocks[1].id, AWARDED)
        identify(session, candidacy)
    with db.transaction() as session:
        assert places(session, world) == {}
        enrol(session, world, send_blocks=True, revision=1)
        with pytest.raises(Conflict):
            enrol(session, world, send_blocks=True, revision=1)
        assert places(session, world) == {"ready": 1}
        flow = prepare(session, world)
        assert b"<cpf:libelleOption>RNCP16959BC02</cpf:libelleOption>" in b"".join(
            transmission.write_flow(session, flow, KEY)
        )


def test_a_file_that_would_not_be_the_same_is_not_given_again(db: Database, world):
    with db.transaction() as session:
        enrol(session, world)
        candidacy = holder(session, world)
        identify(session, candidacy)
    with db.transaction() as session:
        flow = prepare(session, world)
        same = transmission.digest_of(transmission.write_flow(session, flow, KEY))
        assert same == flow.file_digest
        identify(session, session.merge(candidacy), birth_name="AUTRE")
        with pytest.raises(Refusal, match=SiCpfRefusal.CHANGED):
            transmission.keep_digest(
                session, flow.id, transmission.digest_of(transmission.write_flow(session, flow, KEY))
            )


def test_three_dated_facts_are_told_for_every_candidacy(db: Database, world):
    with db.transaction() as session:
        holder(session, world, "Inès Martin")
    with db.transaction() as session:
        found = {row[0]: row[4:] for row in list_facts(session, world.body.id)}
        day = date(2026, 3, 2)
        assert found == {"Samia Benali": (day, None, None), "Inès Martin": (day, None, AWARDED)}


def test_a_number_is_removed_when_its_holder_asks(db: Database, world):
    with db.transaction() as session:
        candidacy = holder(session, world)
        identify(session, candidacy, nir=NIR)
        identify(session, candidacy, birth_name="BEN ALI")
        row = session.scalars(select(SiCpfIdentity)).one()
        assert row.nir is not None, "an empty field keeps the number that was received"
        assert NIR.encode() not in row.nir
        told = transmission.HolderIdentity("B", "S", row.sex, row.born_on)
        transmission.record_identity(session, candidacy.id, told, KEY, remove_nir=True, by=world.certifier.id, at=LATER)
        assert (row.nir, row.nir_erased_at) == (None, LATER)


@pytest.mark.records("si_cpf_identity_asked")
def test_every_holder_without_identity_is_written_to_once_an_act(db: Database, world):
    with db.transaction() as session:
        holder(session, world)
        identify(session, holder(session, world, "Inès Martin"))
    with db.transaction() as session:
        assert transmission.ask_identities(session, world.body.id, by=world.certifier.id, at=AT) == 1
