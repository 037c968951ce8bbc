"""The seal: what a stranger can recompute, and what no change escapes."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.domain.dossier.rules.anchors import Anchor
from portfolio.domain.submission.rules.dossier import SealedAnchor, SealedDossier, exhibit_labels
from portfolio.domain.submission.rules.manifest import UnreadableManifest, items_and_root, read_manifest, root_of, seal
from tests.submission.dossiers import BUDGET, SAMIA, SEALED_AT, sealed_dossiers

UNTIMED = settings(deadline=None)  # what holds of every dossier holds on a slow machine too


def recomputed_root(manifest: bytes) -> str:
    """Return what a stranger does, with the docstring of the manifest in hand: JSON and SHA-256 only."""

    def canonical(item: object) -> bytes:
        # Keys here are ASCII, so sorting code points is sorting UTF-16; only what JSON must escape is
        # escaped.
        return json.dumps(item, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def root(leaves: list[bytes]) -> bytes:
        if len(leaves) == 1:
            return leaves[0]
        k = 1
        while k * 2 < len(leaves):
            k *= 2
        return hashlib.sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:])).digest()

    return root([hashlib.sha256(b"\x00" + canonical(item)).digest() for item in json.loads(manifest)]).hex()


@pytest.mark.slow
@UNTIMED
@given(sealed_dossiers())
def test_a_stranger_recomputes_the_root_with_a_hash_function_only(dossier: SealedDossier) -> None:
    sealed = seal(dossier)
    assert sealed.root == recomputed_root(sealed.manifest) == root_of(sealed.manifest)


@pytest.mark.slow
@UNTIMED
@given(sealed_dossiers())
def test_what_was_sealed_is_read_back_exactly(dossier: SealedDossier) -> None:
    assert read_manifest(seal(dossier).manifest) == dossier


@pytest.mark.slow
@UNTIMED
@given(sealed_dossiers(), st.data())
def test_any_change_of_any_value_of_any_item_changes_the_root(dossier: SealedDossier, data: st.DataObject) -> None:
    sealed = seal(dossier)
    items = json.loads(sealed.manifest)
    item = items[data.draw(st.integers(0, len(items) - 1))]
    key = data.draw(st.sampled_from(sorted(item)))
    item[key] = data.draw(st.text(max_size=5).filter(lambda value: value != item[key] and value.isprintable()))
    assert root_of(rfc8785.dumps(items)) != sealed.root


@pytest.mark.slow
@UNTIMED
@given(sealed_dossiers(), st.data())
def test_an_item_removed_repeated_or_moved_changes_the_root(dossier: SealedDossier, data: st.DataObject) -> None:
    sealed = seal(dossier)
    items = json.loads(sealed.manifest)
    at = data.draw(st.integers(0, len(items) - 2))
    swapped = [*items[:at], items[at + 1], items[at], *items[at + 2 :]]
    for other in (items[:at] + items[at + 1 :], [*items[: at + 1], *items[at:]], swapped):
        assert root_of(rfc8785.dumps(other)) != sealed.root


@pytest.mark.slow
@UNTIMED
@given(sealed_dossiers(), st.randoms(use_true_random=False))
def test_the_order_of_keys_in_memory_says_nothing(dossier: SealedDossier, random: object) -> None:
    sealed = seal(dossier)
    shuffled = []
    for item in json.loads(sealed.manifest):
        keys = list(item)
        random.shuffle(keys)
        shuffled.append({key: item[key] for key in keys})
    assert rfc8785.dumps(shuffled) == sealed.manifest


def test_the_root_of_this_dossier_never_changes() -> None:
    """The seal has its final form: a change of this value breaks every receipt already given."""
    assert seal(SAMIA).root == "1859cb6ee2c7702148e8e91b5cdf7acd63e52747c08ae70c2c1be9c597331f14"


def test_a_text_is_sealed_as_it_was_written_without_unicode_normalisation() -> None:
    composed, decomposed = replace(SAMIA, candidate="Zoé"), replace(SAMIA, candidate="Zoe\u0301")
    assert seal(composed).root != seal(decomposed).root
    assert read_manifest(seal(decomposed).manifest).candidate == "Zoe\u0301"


def test_the_same_moment_in_another_zone_is_the_same_seal() -> None:
    paris = SEALED_AT.astimezone(timezone(timedelta(hours=1)))
    assert seal(replace(SAMIA, header=replace(SAMIA.header, sealed_at=paris))).root == seal(SAMIA).root


def test_a_manifest_names_nothing_of_the_database_and_nothing_of_the_advisor() -> None:
    words = seal(SAMIA).manifest.decode().lower()
    assert not any(word in words for word in ("uuid", "advisor", "remark", 'mark"', "self_assessment", '_id"'))


def test_an_exhibit_and_a_competency_are_found_by_their_names() -> None:
    assert SAMIA.exhibit("B2-01") == BUDGET
    assert SAMIA.exhibit("B2-02") is None
    assert SAMIA.competency("2.2").narrative.is_empty
    assert SAMIA.competency("1.1") is None


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"null",
        b"[]",
        b"[1]",
        b'[{"no":"id"}]',
        b'[{"id":"dossier","number":1.5}]',
        b'[{"id":"dossier"},NaN]',
        b"\xff\xfe",
        b"[" * 100_000,
        b' [{"id":"dossier"}]',
        b'[{"id":"dossier","id":"dossier"}]',
    ],
)
def test_what_is_not_a_canonical_list_of_items_is_not_read(manifest: bytes) -> None:
    with pytest.raises(UnreadableManifest):
        root_of(manifest)
    with pytest.raises(UnreadableManifest):
        read_manifest(manifest)


def test_places_named_by_a_claim_are_sealed_and_none_can_be_moved_added_or_left_out() -> None:
    region = SealedAnchor("B2-01", 1, 4, 1200, 800, 5400, 2600, "", None)
    quote = SealedAnchor("B2-01", 1, 5, None, None, None, None, "mes arbitrages", 40)
    block = SAMIA.blocks[0]
    first, *others = block.competencies
    named = replace(block, competencies=(replace(first, anchors=(region, quote)), *others))
    dossier = replace(SAMIA, header=replace(SAMIA.header, version=2), blocks=(named,))
    sealed = seal(dossier)
    read = read_manifest(sealed.manifest)
    assert read == dossier
    assert read.competency("2.1").anchors_in("B2-01") == (
        Anchor(1, 4, region=(1200, 800, 5400, 2600)),
        Anchor(1, 5, quote="mes arbitrages", position=40),
    )
    items = json.loads(sealed.manifest)
    assert [item["id"] for item in items if item["id"].startswith("anchor:")] == [
        "anchor:2.1:B2-01:1",
        "anchor:2.1:B2-01:2",
    ]
    for changed in ([item for item in items if item["id"] != "anchor:2.1:B2-01:1"], [*items, items[-1]]):
        assert root_of(rfc8785.dumps(changed)) != sealed.root
    moved = [item | {"left": 1300} if item["id"] == "anchor:2.1:B2-01:1" else item for item in items]
    assert root_of(rfc8785.dumps(moved)) != sealed.root
    for said in (1, 3):
        with pytest.raises(UnreadableManifest):
            read_manifest(seal(replace(dossier, header=replace(dossier.header, version=said))).manifest)


@pytest.mark.parametrize(
    "change",
    [
        lambda items: items.append({"id": "remark:1", "text": "au jury"}),
        lambda items: items.append(items[0]),
        lambda items: items[0].update(more="…"),
        lambda items: items[0].update(version=2),
        lambda items: items[0].update(number="1"),
        lambda items: items[0].update(number=True),
        lambda items: items[0].update(sealed_at=None),
        lambda items: items[0].update(sealed_at="hier"),
        lambda items: items[2].pop("name"),
        lambda items: items.reverse(),
    ],
)
def test_a_manifest_that_says_more_less_or_something_else_is_not_read(change: object) -> None:
    items = json.loads(seal(SAMIA).manifest)
    change(items)
    with pytest.raises(UnreadableManifest):
        read_manifest(rfc8785.dumps(items))


def test_an_exhibit_is_numbered_in_the_block_of_its_first_claimed_competency() -> None:
    pieces = {1: [(3, 1)], 2: [(2, 2), (4, 1)], 3: [], 7: [(4, 2), (2, 1)], 9: [(2, 1)], 4: []}
    assert exhibit_labels(pieces) == {7: "B2-01", 9: "B2-02", 2: "B2-03", 1: "B3-01", 3: "A-01", 4: "A-02"}


def test_more_than_ninety_nine_exhibits_of_a_block_still_have_each_a_label() -> None:
    labels = exhibit_labels({number: [(1, 1)] for number in range(1, 121)})
    assert labels[100] == "B1-100"
    assert len(set(labels.values())) == 120


def test_the_quick_reading_of_a_manifest_gives_the_same_items_and_root():
    for count in (1, 2, 3, 7, 8, 9):
        items = [
            {"id": f"n:{n}", "text": "é « \u2028\U0001f600\x7f\t\u0001 » " * n, "pages": n, "none": None, "list": [n]}
            for n in range(count)
        ]
        manifest = rfc8785.dumps(items)
        assert items_and_root(manifest) == (items, root_of(manifest))
    for wrong in (b"", b"[]", b"{}", b'[{"id": "a"}]', b'[{"id":1.5}]', b"[1]", b"\xff"):
        with pytest.raises(UnreadableManifest):
            items_and_root(wrong)
