"""Check that what the matrix reads in bulk says what the rules say one by one."""

from dataclasses import replace
from itertools import product

import pytest

from portfolio.domain.dossier.models.dossier import CoverageReview
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.dossier.rules.description import Anonymity, Authorship, EvidenceKind, missing_facts
from portfolio.domain.dossier.use_cases import draft_rows
from portfolio.domain.dossier.use_cases import matrix as matrix_use_cases
from portfolio.domain.dossier.use_cases.matrix import claim_and_evidence_rows
from tests import factories
from tests.factories import AT


@pytest.fixture
def world(db):
    return factories.begin_world(db)


GAPS = {
    "title": "",
    "kind": None,
    "dated_from": None,
    "own_role": "",
    "authorship": None,
    "confidentiality": None,
    "anonymity": None,
}
ODDITIES = (
    {},
    {"authorship": Authorship.SHARED},
    {"authorship": Authorship.SHARED, "own_part": "La moitié."},
    {"anonymity": Anonymity.NOT_YET},
    {"kind": EvidenceKind.WEB_ADDRESS},
    {"kind": EvidenceKind.TRAINING_CERTIFICATE, "own_role": ""},
)


def test_a_piece_is_read_as_it_says_and_one_that_lacks_a_fact_is_always_looked_at(db, world):
    first = world.pieces[0]
    for gap, odd in product([{}, *({name: value} for name, value in GAPS.items())], ODDITIES):
        with db.transaction() as session:
            row = session.get_one(Evidence, first.id)
            before = {name: getattr(row, name) for name in {*gap, *odd}}
            for name, value in (odd | gap).items():
                setattr(row, name, value)
            session.flush()
            said = replace(row.to_value(), pages=None)
            read = {one.number: one for one in claim_and_evidence_rows(session, world.candidacy.id, "")[1]}
            assert row.number in read or not missing_facts(said), (gap, odd)
            if row.number in read:
                assert read[row.number].said() == said, (gap, odd)
            for name, value in before.items():
                setattr(row, name, value)


def test_the_digest_of_the_matrix_is_the_one_a_mark_was_made_on(db, world):
    bases = draft_rows.load_content_digests(db.reader(), world.candidacy.id)
    with db.transaction() as session:
        for competency in world.competencies:
            basis = bases.get(competency.id, "")
            session.add(
                CoverageReview(
                    candidacy_id=world.candidacy.id, competency_id=competency.id, advisor_id=world.advisor.id,
                    value=Assessment.COVERED, comment="", reviewed_digest=basis, content_digest=basis, seen_versions="", created_at=AT,
                )
            )  # fmt: skip
    with db.reader() as session:
        matrix = matrix_use_cases.load_matrix(session, world.candidacy.id)
    states = [line.fact.coverage.state.value for line in matrix.lines()]
    assert set(states) <= {"covered", "none"}
    assert "covered" in states
