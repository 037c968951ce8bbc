"""A body certifies an entry that names it, or says by which title; doubts about rights are answered first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import EntryDetails, RegisteredCertifier
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.publication import (
    CertifierIdentity,
    PublicationErrorCode,
    asks_title,
    unanswered_errors,
)
from portfolio.domain.certification.rules.versioning import differences, doubt_key
from portfolio.domain.certification.rules.watching import carry_over_decisions
from portfolio.domain.certification.use_cases.importing import import_entry
from portfolio.domain.certification.use_cases.publishing import publish
from portfolio.errors import Refusal
from portfolio.wording.certification import publication_error_message
from tests import factories
from tests.certification.readers.entries import SAMPLE

OTHER = replace(SAMPLE, code="RNCP12345", certifiers=("École du numérique", "CCI de l’Ouest"), doubts=())


@pytest.mark.parametrize(
    ("names", "siret", "asked"),
    [
        (("Institut de l’exemple",), "", True),
        (("ECOLE DU NUMERIQUE",), "", False),
        (("Cci de l'Ouest",), "", False),
        (("Institut de l’exemple",), "12345678900027", False),
        (("Institut de l’exemple",), "98765432100027", True),
    ],
)
def test_a_body_is_recognised_by_its_name_or_its_legal_unit(names, siret, asked):
    named = RegisteredCertifier("École du numérique", "123 456 789 00011")
    entry = replace(OTHER, details=EntryDetails(certifiers=(named,)))
    assert asks_title(entry, CertifierIdentity(names, siret)) is asked


def test_a_certification_of_ones_own_names_nobody():
    body = CertifierIdentity(("Institut de l’exemple",))
    assert not asks_title(replace(OTHER, code="ALMA-1"), body)
    assert not asks_title(replace(OTHER, certifiers=()), body)


def test_who_certifies_and_doubts_about_rights_are_answered_before_publication():
    body = CertifierIdentity(("Institut de l’exemple",))
    seat = Doubt("jury.seats", DoubtCode.JURY_SEAT_DEDUCED, ("president",))
    hyphen = Doubt("blocks.1", DoubtCode.HYPHEN_REMOVED, ("bud-gétaires", "budgétaires"))
    entry = replace(OTHER, doubts=(seat, hyphen))
    found = unanswered_errors(entry, (), body)
    assert [error.what for error in found] == [
        PublicationErrorCode.DOUBT_UNANSWERED,
        PublicationErrorCode.OTHER_CERTIFIER,
    ], "a hyphen changes no right"
    assert all(publication_error_message(error) for error in found)
    answered = replace(entry, certifying_title="Délégation du 3 mars 2026, signée par l’École.")
    assert unanswered_errors(answered, [doubt_key(seat)], body) == []


def test_what_the_body_decided_follows_an_entry_of_which_one_date_changed():
    jury = replace(SAMPLE.jury, quorum=3, half_external=True)
    own = replace(OTHER, jury=jury, certifying_title="Délégation.", title="Titre choisi")
    own = replace(own, blocks=(replace(own.blocks[0], validity_months=36), *own.blocks[1:]))
    later = replace(OTHER.registrations[0], until=OTHER.registrations[0].until + timedelta(days=365))
    read = replace(OTHER, registrations=(later, *OTHER.registrations[1:]))
    kept = carry_over_decisions(own, read)
    assert kept == replace(own, registrations=read.registrations)
    assert [change.where for change in differences(entry_as_json(own), entry_as_json(kept))] == [
        "registrations.1.until"
    ]
    reworded = replace(read, blocks=(replace(read.blocks[0], title="Autre bloc"), *read.blocks[1:]))
    assert carry_over_decisions(own, reworded).blocks[0].validity_months is None


def test_the_title_is_kept_with_the_version():
    answered = replace(OTHER, certifying_title="Fusion du 1er janvier 2026.")
    assert entry_from_json(entry_as_json(answered)) == answered
    assert "certifying_title" not in entry_as_json(OTHER)


def test_an_entry_of_somebody_else_is_published_once_the_body_says_why(db):
    with db.transaction() as session:
        body = factories.body(session, "Institut de l’exemple")
        version = import_entry(session, body.id, OTHER, by=None, at=factories.AT).version
        with pytest.raises(Refusal) as stopped:
            publish(session, version.id, by=None, at=factories.AT)
        assert [fault.what for fault in stopped.value.facts["faults"]] == [PublicationErrorCode.OTHER_CERTIFIER]
        session.get_one(CertifyingBody, body.id).name = "CCI de l’Ouest"
        assert publish(session, version.id, by=None, at=factories.AT).published_at
