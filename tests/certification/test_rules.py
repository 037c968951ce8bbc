"""Check what the dates of a registration mean (R9), what prevents publication, and an entry as JSON."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry import Entry, EntryBlock, EntryCompetency, Permanence, Registration
from portfolio.domain.certification.rules.entry_schema import (
    MalformedCode,
    MalformedEntry,
    entry_as_json,
    entry_from_json,
)
from portfolio.domain.certification.rules.jury_rule import JuryRule, JuryTerm, Seat, TermSource
from portfolio.domain.certification.rules.publication import PublicationErrorCode, publication_errors
from portfolio.domain.certification.rules.registration import (
    AdmissibilityGround,
    RegistrationStatusCode,
    RegistrationStatusReason,
    admissibility_answer,
    registration_covering,
    registration_status,
)
from portfolio.wording.certification import doubt_message
from tests.certification.readers.entries import SAMPLE, entries
from tests.certification.readers.writing import Style

SECOND = Registration("Expert", "Arrêté de 2013", date(2011, 7, 21), date(2016, 6, 16))
THIRD = Registration("Expert(e)", "Arrêté de 2016", date(2016, 6, 16), date(2018, 10, 4))
FOURTH = Registration("Expert", "Arrêté de 2018", date(2018, 10, 4), date(2022, 1, 4))
ALL = (SECOND, THIRD, FOURTH)
LAST_DAY, DAY_AFTER = date(2022, 1, 4), date(2022, 1, 5)
UNREAD = Registration("Expert", "Arrêté illisible", date(2022, 1, 5), None)


# --- Registrations
# ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2011, 7, 20), None),
        (date(2011, 7, 21), SECOND),
        (date(2018, 10, 3), THIRD),
        (date(2018, 10, 4), FOURTH),
        (LAST_DAY, FOURTH),
        (DAY_AFTER, None),
    ],
)
def test_a_registration_covers_its_first_and_its_last_day(day: date, expected: Registration | None) -> None:
    assert registration_covering(ALL, day) == expected
    assert registration_covering(tuple(reversed(ALL)), day) == expected


def test_a_registration_with_an_unread_date_covers_nothing() -> None:
    assert registration_covering((UNREAD,), DAY_AFTER) is None


# --- Standing (R9)
# ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("admissible", "delivered", "code", "ground"),
    [
        (
            date(2021, 1, 1),
            LAST_DAY,
            RegistrationStatusCode.IN_FORCE,
            RegistrationStatusReason.DELIVERED_WHILE_REGISTERED,
        ),
        (LAST_DAY, DAY_AFTER, RegistrationStatusCode.PROTECTED, RegistrationStatusReason.ADMISSIBLE_WHILE_REGISTERED),
        (
            date(2012, 1, 1),
            date(2026, 1, 1),
            RegistrationStatusCode.PROTECTED,
            RegistrationStatusReason.ADMISSIBLE_WHILE_REGISTERED,
        ),
        (
            DAY_AFTER,
            date(2022, 6, 1),
            RegistrationStatusCode.NO_CLAIM,
            RegistrationStatusReason.NOTHING_WHILE_REGISTERED,
        ),
        (None, date(2022, 6, 1), RegistrationStatusCode.NO_CLAIM, RegistrationStatusReason.NOTHING_WHILE_REGISTERED),
    ],
)
def test_the_standing_follows_delivery_first_then_admissibility(
    admissible: date | None, delivered: date, code: RegistrationStatusCode, ground: RegistrationStatusReason
) -> None:
    standing = registration_status(ALL, admissible, delivered)
    assert (standing.code, standing.ground) == (code, ground)
    assert (standing.registration is None) is (code is RegistrationStatusCode.NO_CLAIM)


def test_a_training_begun_while_registered_protects_too() -> None:
    standing = registration_status(ALL, None, date(2023, 1, 1), training_begun_on=date(2021, 9, 1))
    assert (standing.code, standing.ground) == (
        RegistrationStatusCode.PROTECTED,
        RegistrationStatusReason.TRAINING_BEGUN_WHILE_REGISTERED,
    )
    assert (standing.day, standing.registration) == (date(2021, 9, 1), FOURTH)


def test_without_a_known_registration_nothing_is_claimed() -> None:
    assert registration_status((), LAST_DAY, LAST_DAY).ground is RegistrationStatusReason.NO_REGISTRATION_KNOWN


# --- Admissibility (R9)
# -----------------------------------------------------------------------------------------------


def test_an_admissibility_later_than_the_last_day_is_stopped_with_the_successor() -> None:
    answer = admissibility_answer(ALL, DAY_AFTER, successor="RNCP36000")
    assert (answer.stopped, answer.ground) == (True, AdmissibilityGround.EXPIRED)
    assert (answer.expired_on, answer.registration, answer.successor) == (LAST_DAY, FOURTH, "RNCP36000")


@pytest.mark.parametrize(
    ("registrations", "day", "ground"),
    [
        (ALL, LAST_DAY, AdmissibilityGround.REGISTERED),
        (ALL, date(2009, 1, 1), AdmissibilityGround.NOT_YET_REGISTERED),
        ((), LAST_DAY, AdmissibilityGround.NO_REGISTRATION_KNOWN),
        ((UNREAD,), DAY_AFTER, AdmissibilityGround.NO_REGISTRATION_KNOWN),
    ],
)
def test_only_an_expired_entry_stops(
    registrations: tuple[Registration, ...], day: date, ground: AdmissibilityGround
) -> None:
    answer = admissibility_answer(registrations, day)
    assert (answer.stopped, answer.ground) == (False, ground)


def test_between_two_registrations_the_entry_had_expired() -> None:
    answer = admissibility_answer((SECOND, FOURTH), date(2017, 1, 1))
    assert (answer.stopped, answer.expired_on) == (True, date(2016, 6, 16))


@given(st.dates(date(2005, 1, 1), date(2030, 1, 1)), st.permutations(ALL))
def test_a_candidacy_is_stopped_only_after_a_last_day_and_never_while_registered(
    day: date, acts: list[Registration]
) -> None:
    answer = admissibility_answer(acts, day)
    assert answer.stopped == (day > LAST_DAY)
    assert (answer.ground is AdmissibilityGround.REGISTERED) == (registration_covering(acts, day) is not None)
    protected = registration_status(acts, day, LAST_DAY + timedelta(days=900)).code is RegistrationStatusCode.PROTECTED
    assert protected == (answer.ground is AdmissibilityGround.REGISTERED)


# --- Publication
# ------------------------------------------------------------------------------------------------------

BLOCK = SAMPLE.blocks[0]


def with_block(**changes: Any) -> Entry:
    return replace(SAMPLE, blocks=(replace(BLOCK, **changes),))


def with_jury(**changes: Any) -> Entry:
    assert SAMPLE.jury is not None
    return replace(SAMPLE, jury=replace(SAMPLE.jury, **changes))


@pytest.mark.parametrize(
    ("entry", "where", "what"),
    [
        (replace(SAMPLE, code=" "), "code", PublicationErrorCode.NO_CODE),
        (replace(SAMPLE, code="RNCP 12"), "code", PublicationErrorCode.CODE_FORM),
        (replace(SAMPLE, title=""), "title", PublicationErrorCode.NO_TITLE),
        (replace(SAMPLE, blocks=()), "blocks", PublicationErrorCode.NO_BLOCK),
        (with_block(number=0), "blocks.0", PublicationErrorCode.BLOCK_NUMBER),
        (replace(SAMPLE, blocks=(BLOCK, BLOCK)), "blocks.1", PublicationErrorCode.BLOCK_TWICE),
        (with_block(title=" "), "blocks.1", PublicationErrorCode.BLOCK_WITHOUT_TITLE),
        (with_block(competencies=()), "blocks.1", PublicationErrorCode.BLOCK_WITHOUT_COMPETENCY),
        (
            with_block(competencies=(EntryCompetency(0, "Vendre"),)),
            "blocks.1.competencies.0",
            PublicationErrorCode.COMPETENCY_NUMBER,
        ),
        (
            with_block(competencies=(EntryCompetency(1, ""),)),
            "blocks.1.competencies.1",
            PublicationErrorCode.COMPETENCY_WITHOUT_TEXT,
        ),
        (
            with_block(competencies=BLOCK.competencies * 2),
            "blocks.1.competencies.1",
            PublicationErrorCode.COMPETENCY_TWICE,
        ),
        (replace(SAMPLE, registrations=(UNREAD,)), "registrations.1", PublicationErrorCode.REGISTRATION_DATES_UNKNOWN),
        (
            replace(SAMPLE, registrations=(replace(FOURTH, until=date(2018, 1, 1)),)),
            "registrations.1",
            PublicationErrorCode.REGISTRATION_ENDS_BEFORE_IT_STARTS,
        ),
        (replace(SAMPLE, jury=None), "jury", PublicationErrorCode.NO_JURY_RULE),
        (replace(SAMPLE, jury=JuryRule(1, (Seat.PRESIDENT,))), "jury.size", PublicationErrorCode.JURY_SIZE),
        (with_jury(size=None), "jury.size", PublicationErrorCode.JURY_SIZE),
        (with_jury(size=3), "jury.seats", PublicationErrorCode.JURY_SEATS_DIFFER),
        (with_jury(seats=(Seat.TEACHER_TRAINER,) * 2), "jury.seats", PublicationErrorCode.JURY_PRESIDENT),
        (with_jury(external_min=40.0), "jury.external_min", PublicationErrorCode.JURY_RATIO),
        (with_jury(quorum=1), "jury.quorum", PublicationErrorCode.JURY_QUORUM),
        (with_jury(quorum=6), "jury.quorum", PublicationErrorCode.JURY_QUORUM),
        (with_jury(representatives_min=-0.1), "jury.representatives_min", PublicationErrorCode.JURY_RATIO),
        (replace(SAMPLE, permanence=Permanence.LIMITED), "permanence", PublicationErrorCode.VALIDITY_WITHOUT_MONTHS),
        (
            replace(with_block(validity_months=36), permanence=Permanence.UNLIMITED),
            "permanence",
            PublicationErrorCode.VALIDITY_CONTRADICTED,
        ),
    ],
)
def test_what_prevents_publication_is_said_where_it_stands(
    entry: Entry, where: str, what: PublicationErrorCode
) -> None:
    assert (where, what) in [(fault.where, fault.what) for fault in publication_errors(entry)]


def test_a_whole_entry_can_be_published() -> None:
    assert publication_errors(SAMPLE) == []
    ending = tuple(replace(block, validity_months=36) for block in SAMPLE.blocks)
    assert publication_errors(replace(SAMPLE, blocks=ending, permanence=Permanence.LIMITED)) == []


# --- JSON
# -------------------------------------------------------------------------------------------------------------

DOUBTED = replace(
    SAMPLE,
    doubts=(Doubt("title", DoubtCode.TITLES_DIFFER, ("A", "B")), Doubt("code", DoubtCode.CODE_DEDUCED, ("RNCP1",))),
)


def test_the_keys_are_those_of_the_contract() -> None:
    told = entry_as_json(DOUBTED, sentence=doubt_message)
    assert list(told) == [
        "code", "title", "titles_seen", "level", "level_1969", "nsf", "rome", "certifiers", "signatory", "predecessor",
        "registrations", "registered_until", "routes", "jury", "blocks", "deliverables", "defence", "permanence", "sites",
        "holders_per_year", "doubts",
    ]  # fmt: skip
    assert set(told["registrations"][0]) == {"title", "act", "from", "until"}
    assert set(told["routes"][0]) == {"route", "open", "jury"}
    assert set(told["jury"]) == {"size", "seats", "external_min", "representatives_min"}
    ours = entry_as_json(with_jury(quorum=2, half_external=True))["jury"]
    assert set(ours) - set(told["jury"]) == {"quorum", "half_external"}
    assert set(told["blocks"][0]) == {"number", "title", "assessments", "certificate_stated", "competencies"}
    assert set(told["blocks"][0]["competencies"][0]) == {"number", "text", "alias"}
    assert [set(doubt) for doubt in told["doubts"]] == [{"where", "what"}] * 2
    assert told["doubts"][0]["what"].startswith("L’intitulé varie dans la fiche : « A » ; « B ».")
    assert (told["registered_until"], told["permanence"]) == ("2015-05-12", "unlimited")


@pytest.mark.slow
@given(st.data())
def test_an_entry_goes_to_json_and_back_unchanged(data: st.DataObject) -> None:
    entry = replace(data.draw(entries(Style())), doubts=DOUBTED.doubts)
    assert entry_from_json(json.loads(json.dumps(entry_as_json(entry)))) == entry


def test_a_doubt_that_comes_back_as_a_sentence_keeps_it() -> None:
    told = entry_as_json(DOUBTED, sentence=doubt_message)
    assert entry_as_json(entry_from_json(told), sentence=doubt_message) == told


@pytest.mark.parametrize(
    ("path", "value", "blamed", "code"),
    [
        ("title", 7, "title", MalformedCode.NOT_TEXT),
        ("blocks", {}, "blocks", MalformedCode.NOT_A_LIST),
        ("jury", [], "jury", MalformedCode.NOT_AN_OBJECT),
        ("jury.size", True, "jury.size", MalformedCode.NOT_A_NUMBER),
        ("jury.external_min", "40 %", "jury.external_min", MalformedCode.NOT_A_NUMBER),
        ("jury.external_min", float("nan"), "jury.external_min", MalformedCode.NOT_A_NUMBER),
        ("jury.external_min", 10**400, "jury.external_min", MalformedCode.NOT_A_NUMBER),
        ("jury.seats.1", "king", "jury.seats[1]", MalformedCode.UNKNOWN_VALUE),
        ("routes.0.open", "oui", "routes[0].open", MalformedCode.NOT_A_BOOLEAN),
        ("routes.0.route", "door", "routes[0].route", MalformedCode.UNKNOWN_VALUE),
        ("registrations.0.until", "4 janvier 2022", "registrations[0].until", MalformedCode.NOT_A_DATE),
        ("blocks.1.competencies.0.text", None, "blocks[1].competencies[0].text", MalformedCode.NOT_TEXT),
        ("blocks.0.extra", 1, "blocks[0].extra", MalformedCode.UNKNOWN_KEY),
        ("colour", "blue", "colour", MalformedCode.UNKNOWN_KEY),
        ("blocks.0.code", None, "blocks[0].code", MalformedCode.NOT_TEXT),
        ("blocks.0.source", None, "blocks[0].source", MalformedCode.NOT_AN_OBJECT),
        ("jury.half_external", None, "jury.half_external", MalformedCode.NOT_A_BOOLEAN),
        ("jury.sources", {"size": "king"}, "jury.sources", MalformedCode.UNKNOWN_VALUE),
        ("jury.sources", {"king": "entry"}, "jury.sources", MalformedCode.UNKNOWN_KEY),
        ("registrations.0.until", 2022, "registrations[0].until", MalformedCode.NOT_TEXT),
        ("registrations.0.until", "2022-02-30", "registrations[0].until", MalformedCode.NOT_A_DATE),
        ("blocks.0.certificate_stated", 1, "blocks[0].certificate_stated", MalformedCode.NOT_A_BOOLEAN),
        (
            "holders_per_year",
            [{"site": "Lyon", "holders": 1.5}],
            "holders_per_year[0].holders",
            MalformedCode.NOT_A_NUMBER,
        ),
        ("details", None, "details", MalformedCode.NOT_AN_OBJECT),
        ("details", {"colour": 1}, "details.colour", MalformedCode.UNKNOWN_KEY),
        ("details", {"acts": [{"kind": "creation"}]}, "details.acts[0].title", MalformedCode.MISSING),
        (
            "details",
            {"partners": [{"name": "Lyon", "state": "gone"}]},
            "details.partners[0].state",
            MalformedCode.UNKNOWN_VALUE,
        ),
        ("details", {"delivery_until": "demain"}, "details.delivery_until", MalformedCode.NOT_A_DATE),
    ],
)
def test_a_malformed_entry_names_its_field(path: str, value: object, blamed: str, code: MalformedCode) -> None:
    told: Any = entry_as_json(SAMPLE)
    *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    inner = told
    for key in way:
        inner = inner[key]
    inner[last] = value
    with pytest.raises(MalformedEntry) as caught:
        entry_from_json(told)
    assert (caught.value.path, caught.value.code) == (blamed, code)


def test_a_missing_field_is_named_and_what_is_no_object_refused() -> None:
    told = entry_as_json(SAMPLE)
    del told["blocks"][0]["title"]
    with pytest.raises(MalformedEntry, match=r"blocks\[0\]\.title: missing"):
        entry_from_json(told)
    with pytest.raises(MalformedEntry, match="not_an_object"):
        entry_from_json([])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(entry_as_json(SAMPLE))), json_values)
def test_any_json_in_a_field_is_read_or_blamed(key: str, value: object) -> None:
    told = entry_as_json(SAMPLE) | {key: value}
    try:
        entry = entry_from_json(told)
    except MalformedEntry as error:
        blamed = error.path
    else:
        blamed = None
        assert isinstance(entry, Entry)
    assert blamed is None or blamed.startswith(key)


STORED: Any = {
    **entry_as_json(with_jury(quorum=2, half_external=True, sources=((JuryTerm.SIZE, TermSource.ENTRY),))),
    "details": {
        "award": {"code": "19", "label": "Titre"}, "is_active": False, "delivery_until": "2024-01-01",
        "certifiers": [{"name": "Lyon", "siret": "1"}],
        "partners": [{"name": "Lyon", "habilitation": "train", "state": "active", "active_since": "2020-01-01"}],
        "acts": [{"kind": "general", "title": "Arrêté"}], "passages": [{"name": "OBJECTIFS", "text": "Texte."}],
        "statistics": [{"year": "2020", "holders": 3, "rates": [{"code": "a", "label": "90"}]}],
        "correspondences": [{"blocks": ["A"], "entry": "RNCP1", "other_blocks": ["B"]}],
    },
}  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every object or list of a JSON value, with each of its keys."""
    for key in value if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], (dict, list)):
            yield from places(value[key])


def test_an_entry_with_every_key_is_read_and_written_as_it_was_stored() -> None:
    assert entry_as_json(entry_from_json(STORED)) == STORED
    assert list(entry_as_json(entry_from_json(STORED))) == list(STORED)


@given(st.integers(0), json_values | st.sampled_from(["", "2020-01-02", "\ud800", 10**400, -1e300]))
def test_any_json_anywhere_in_an_entry_is_read_as_itself_or_blamed(place: int, value: object) -> None:
    told = deepcopy(STORED)
    inside = list(places(told))
    holder, key = inside[place % len(inside)]
    holder[key] = value
    try:
        entry = entry_from_json(told)
    except MalformedEntry as error:
        blamed = error.path
    else:
        blamed = "nothing"
        assert entry_from_json(entry_as_json(entry)) == entry
    assert blamed


@pytest.mark.parametrize("key", sorted(STORED))
def test_a_key_of_an_entry_that_is_absent_is_blamed_unless_it_may_be(key: str) -> None:
    told = {name: inner for name, inner in STORED.items() if name != key}
    if key in {"registered_until", "details"}:
        entry_from_json(told)
        return
    with pytest.raises(MalformedEntry, match=f"^{key}: missing$"):
        entry_from_json(told)


def test_a_text_that_no_store_can_write_is_blamed_where_a_code_is_expected() -> None:
    with pytest.raises(MalformedEntry):
        entry_from_json(STORED | {"permanence": "\ud800"})
    with pytest.raises(MalformedEntry):
        entry_from_json(STORED | {"\ud800": 1})


def test_an_entry_without_a_block_is_still_an_entry_to_correct() -> None:
    draft = replace(SAMPLE, blocks=(EntryBlock(1, "", ()),))
    assert entry_from_json(entry_as_json(draft)) == draft
