"""A certification with options: the common blocks and so many options make the whole (R7)."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.admissibility.use_cases.opening import open_candidacy
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import NewCandidacy, PersonInput, Scope
from portfolio.domain.certification.models import Block, CertificationVersion
from portfolio.domain.certification.rules.case_package import package_of
from portfolio.domain.certification.rules.entry import Entry, Route
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.publication import PublicationErrorCode, publication_errors
from portfolio.domain.certification.use_cases.importing import framework_of, import_entry
from portfolio.domain.holdings.models.grants import Award, Certificate
from portfolio.domain.holdings.rules.completion import Label, Result, ResultOf
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes, list_award_blocks
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.holdings.use_cases.status import load_statuses
from portfolio.domain.submission.rules.manifest import read_manifest
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.errors import Refusal
from portfolio.wording.certification.jury_rules import block_sentences
from portfolio.wording.holdings.grants import completion_message
from tests import factories
from tests.certification.answered import publish
from tests.holdings.closings import SEALED_AT, STATEMENT, hearing, minutes
from tests.holdings.status_changes import acquire, told

OPTIONS = ("", "", "Option A", "Option B")
SOURCE = "Une option au choix parmi deux (fiche, validation partielle)."


def entry_with_options(options: Sequence[str] = OPTIONS, needed: int = 1) -> Entry:
    whole = entry_from_json(factories.entry())
    blocks = tuple(replace(block, option=name) for block, name in zip(whole.blocks, options, strict=True))
    return replace(whole, blocks=blocks, options_needed=needed, whole_source=SOURCE)


def published(session: Session, body_id: UUID) -> CertificationVersion:
    """Publish the entry with options; its blocks are read."""
    made = import_entry(session, body_id, entry_with_options(), by=None, at=factories.AT).version
    publish(session, made.id, by=None, at=factories.AT)
    found = session.get_one(CertificationVersion, made.id)
    assert [block.option for block in found.blocks] == [None, None, "Option A", "Option B"]
    return found


@pytest.fixture
def version(db: Database) -> CertificationVersion:
    with db.transaction() as session:
        return published(session, factories.body(session).id)


@pytest.fixture
def certifier_id(db: Database, version: CertificationVersion) -> UUID:
    with db.transaction() as session:
        return factories.certifier(session, version.certification.body_id).id


def opened(
    db: Database, version: CertificationVersion, certifier_id: UUID, *numbers: int, scope: Scope = Scope.WHOLE
) -> UUID:
    asked = NewCandidacy(
        version_id=version.id,
        candidate=PersonInput("samia@exemple.fr", "Samia Benali"),
        route=Route.VAE,
        regime=Regime.FRANCE_VAE,
        scope=scope,
        block_ids=tuple(block.id for block in version.blocks if block.number in numbers),
        admissible_on=factories.ADMISSIBLE,
    )
    with db.transaction() as session:
        return open_candidacy(session, version.certification.body_id, asked, by=certifier_id, at=factories.AT).id


def test_the_whole_asks_for_a_choice_and_then_for_the_common_blocks_and_that_option(
    db: Database, version: CertificationVersion, certifier_id: UUID
) -> None:
    with pytest.raises(Refusal, match="option_needed"):
        opened(db, version, certifier_id)
    with pytest.raises(Refusal, match="option_needed"):
        opened(db, version, certifier_id, 1)
    candidacy_id = opened(db, version, certifier_id, 3)
    with db.reader() as session:
        explanation = told(db, candidacy_id)
        numbers = {block.id: block.number for block in session.scalars(select(Block))}
    assert sorted(numbers[block_id] for block_id in explanation.requested) == [1, 2, 3]


def test_the_common_blocks_and_one_option_make_the_whole_once(
    db: Database, version: CertificationVersion, certifier_id: UUID
) -> None:
    candidacy_id = opened(db, version, certifier_id, 3)
    blocks = {block.number: block for block in version.blocks}
    acquire(db, candidacy_id, blocks[1], certifier_id)
    message = completion_message(told(db, candidacy_id).whole).replace("\u00a0", " ")
    assert "il manque le bloc 2, et Option A (le bloc 3) ou Option B (le bloc 4)." in message
    acquire(db, candidacy_id, blocks[2], certifier_id)
    message = completion_message(told(db, candidacy_id).whole).replace("\u00a0", " ")
    assert "il manque Option A (le bloc 3) ou Option B (le bloc 4)." in message
    acquire(db, candidacy_id, blocks[3], certifier_id)
    explanation = told(db, candidacy_id)
    assert explanation.whole.obtained
    assert "avec Option A" in completion_message(explanation.whole)
    with db.reader() as session:
        (award,) = session.scalars(select(Award)).all()
        certificate = session.scalars(select(Certificate).where(Certificate.award_id == award.id)).one()
        labels = certificate.printed_text["certification"]
        assert (labels["blocks"], labels["options"]) == (3, ["Option A"])
        assert [block.number for block in list_award_blocks(session, certificate)] == [1, 2, 3]
        assert load_statuses(session, [certificate])[certificate.id] == "held"
    acquire(db, candidacy_id, blocks[4], certifier_id)
    with db.reader() as session:
        assert len(session.scalars(select(Award)).all()) == 1
        certificate = session.scalars(select(Certificate).where(Certificate.award_id.is_not(None))).one()
        assert [block.number for block in list_award_blocks(session, certificate)] == [1, 2, 3]
        assert recompute(session).gaps == ()


def test_a_certification_without_options_asks_for_each_block(db: Database) -> None:
    whole = entry_from_json(factories.entry())
    assert whole.options == {}
    assert block_sentences(whole) == []
    assert {"options_needed", "whole_source"}.isdisjoint(entry_as_json(whole))
    assert "option" not in entry_as_json(whole)["blocks"][0]


def test_the_rule_of_the_whole_is_said_with_its_source_before_publication() -> None:
    said = [sentence.replace("\u00a0", " ") for sentence in block_sentences(entry_with_options())]
    assert said[0] == (
        "La certification entière est obtenue avec les blocs 1 et 2, et 1 option complète parmi 2 : "
        "Option A (le bloc 3) ; Option B (le bloc 4)."
    )
    assert said[1].startswith("Source de cette règle : Une option au choix")


def test_a_rule_without_source_or_with_too_many_options_is_not_published() -> None:
    alone = replace(entry_with_options(), whole_source=" ")
    assert PublicationErrorCode.WHOLE_WITHOUT_SOURCE in {fault.what for fault in publication_errors(alone)}
    much = entry_with_options(needed=3)
    assert PublicationErrorCode.OPTIONS_NEEDED in {fault.what for fault in publication_errors(much)}


def test_an_entry_with_options_goes_out_and_comes_back_equal(db: Database, version: CertificationVersion) -> None:
    assert entry_from_json(entry_as_json(entry_with_options())) == entry_with_options()
    with db.reader() as session:
        framework = framework_of(session, version.id, "https://exemple.fr/v")
    assert framework is not None
    items = package_of(framework)["CFItems"]
    kept = [extension for item in items for extension in item["extensions"].values()]
    assert [each["option"] for each in kept if each.get("option")] == ["Option A", "Option B"]


def test_a_jury_that_validates_the_blocks_of_one_option_grants_the_whole_once(
    db: Database, version: CertificationVersion, certifier_id: UUID
) -> None:
    candidacy_id = opened(db, version, certifier_id, 3)
    with db.transaction() as session:
        candidacy = session.get_one(Candidacy, candidacy_id)
        asked = [competency for block in candidacy.blocks for competency in block.competencies]
        factories.fill(session, candidacy_id, asked)
        submission = submit(session, candidacy_id, STATEMENT, by=candidacy.candidate_id, at=SEALED_AT)
        assert [block.number for block in read_manifest(submission.manifest).blocks] == [1, 2, 3]
        closed = minutes(session, hearing(session, submission), candidacy.blocks)
        answers = grant_from_minutes(session, closed.id, by=certifier_id, at=factories.AT)
        assert [answer.granted for answer in answers] == [True, True, True, False]
    explanation = told(db, candidacy_id)
    assert (explanation.result, explanation.whole.obtained) == (Result(Label.FULL, ResultOf.WHOLE), True)
    with db.reader() as session:
        (award,) = session.scalars(select(Award)).all()
        (whole,) = session.scalars(select(Certificate).where(Certificate.award_id == award.id)).all()
        assert [block.number for block in list_award_blocks(session, whole)] == [1, 2, 3]
        assert recompute(session).gaps == ()
