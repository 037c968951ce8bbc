"""The Merkle tree: the same roots and proofs as before, and as RFC 9162 defines and verifies them."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

import acquis_check
from portfolio.domain.ledger.rules import merkle

# Roots of the first N of the contents « item 0 », « item 1 »… as pymerkle 7.0.0 computed them for the dossiers sealed
# until December 2026.
FORMER_ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "5d5647f002f910f17b638faa8a5d1c5ee206b3a3c35c7097976759cd92e612bf",
    2: "6b6ca9e4b743fb7acf9e9b87976b29408db44158a4d5c3539a706e2bd31f1b7b",
    3: "6963a0a2281413e386c46d6c56ba92c5866176478a8597bb1a9c98acd3b7088c",
    4: "b6512582ce6eb15fe6946b3327c5630a3a59a19e69f906c61d4249df680668d1",
    5: "2daebf74cac80122544e112e481fa5feecd03b30d1f5281e729cf7f232853b58",
    6: "195d908c092dc7ad143ec13e6d7e45fa41108ea9e22edeb46dde57fc0f0742b4",
    7: "5b30fc447f05f3808bf49119e3913246a2fba6ec38cdb025363ffa3a145c2984",
    8: "1594b50d5accae8571dfbd0183774b33e501cf9135cf21917c53367d7cfd1e77",
    9: "95f4414616169f54ea8a6e2c4010abc2bdc194fa63089128f785622daeafe1b6",
    15: "5e07709ca3eb217bc1f246a44f817e9761cf4fdf42cde3746150fac1c24ba0b0",
    16: "0fc5f6ff99c596318a32e2e07d4d70ac586d6d83b1fd3b5d35fd9dc56bcb60ef",
    17: "0397ada5116a2211b85b93202466840227f4adf1626535c48966a3c824156fc3",
    31: "d0fdbe4cdc5092160361cbcc5805abf0a34c40a065317c943fc908c752e82b04",
    32: "5a56bcb36f53c58137f8636b626bed1ce4d5aa3ee3b4c307a03d5d3f303695b4",
    33: "fc7a76bbfc92cc9bb9a89b2b6b01cbed70cb3ad1205cf9ab72213b663c934b08",
    100: "745976866b7afa95c8b74f32ca66a46c76753beedabbb3f52b10793b1b480d16",
    255: "3efa66fce31e3306011cc95f8fe2bfa4be971c95292c8999cf3d211c435f6b95",
    256: "e4fb230da69e1fd5bb84f2f4313653ed6a14ad4fcd0f1725e501e18d71629604",
    257: "4af1c9aa9c03cb341562ea63468f1a4f653152ddac1a15c23306801627e941c9",
    1000: "ed428222779a1de2fd965a5b942bc56026e6d94e7f756e9cf0b1c66fd99468ec",
}  # fmt: skip
# Its proofs, by place and size: the digests beside the path.
FORMER_PATHS = {
    (0, 1): [],
    (0, 2): [
        "87ce3b49175a7b872261ed76e63d1bc176d1f0dc11a584863a352050c0843bd8",
    ],
    (1, 2): [
        "5d5647f002f910f17b638faa8a5d1c5ee206b3a3c35c7097976759cd92e612bf",
    ],
    (2, 3): [
        "6b6ca9e4b743fb7acf9e9b87976b29408db44158a4d5c3539a706e2bd31f1b7b",
    ],
    (0, 7): [
        "87ce3b49175a7b872261ed76e63d1bc176d1f0dc11a584863a352050c0843bd8",
        "f6518fbb1598d92cbbc1b3e6cd85fef1ade1d14e7301de995a3bed3fe5c86079",
        "cfdb232eb7ae02532ae533615a84a6fc083bafa933f23cb48e732f8ed058f14d",
    ],
    (3, 7): [
        "1ca47b393978b84b996eb433d5b7bfce4444630bb0d94537aac38f65046d6264",
        "6b6ca9e4b743fb7acf9e9b87976b29408db44158a4d5c3539a706e2bd31f1b7b",
        "cfdb232eb7ae02532ae533615a84a6fc083bafa933f23cb48e732f8ed058f14d",
    ],
    (6, 7): [
        "5295e70163ded6806426e88111e48d284bd692faa60a0b27e34b51c3ca5be25e",
        "b6512582ce6eb15fe6946b3327c5630a3a59a19e69f906c61d4249df680668d1",
    ],
    (0, 8): [
        "87ce3b49175a7b872261ed76e63d1bc176d1f0dc11a584863a352050c0843bd8",
        "f6518fbb1598d92cbbc1b3e6cd85fef1ade1d14e7301de995a3bed3fe5c86079",
        "120709b10dedeed1b1285ea072d4b79b0c24444f74c2ca8614d82ca458263988",
    ],
    (5, 8): [
        "ebf3eaa243d7f986f8f92e9059b780e2d8a5074d94335291efe66a0a7ac263f9",
        "2240a2f25a90c894ef08a2d8220df60877f7895d52c7f345adfcd7113928f404",
        "b6512582ce6eb15fe6946b3327c5630a3a59a19e69f906c61d4249df680668d1",
    ],
    (16, 17): [
        "0fc5f6ff99c596318a32e2e07d4d70ac586d6d83b1fd3b5d35fd9dc56bcb60ef",
    ],
    (42, 100): [
        "c9dc415974fcb8e0218b9be3e403a6a9da8dc64c2c201e33a69300ea822aaf84",
        "e96a6a8e0ed493f6a9975a34bd756817f3375392c2287910313d2ea824187ec2",
        "5b2cd4c6c15242b67fbc171de3b9aa72a20e8902c35b1f0564aee8b0cf8d3ba2",
        "d6a6c9abffeeca264bb1733e792b323990ff98824a044a95fba0980bfc06583d",
        "c2a3acc4d6a6fb7a3741277136fac5ed98cf6191fc6903d4870c3d42bf6f122a",
        "5a56bcb36f53c58137f8636b626bed1ce4d5aa3ee3b4c307a03d5d3f303695b4",
        "94d900d231244ce4b5c1608a0d005e9d4ece20147367e661057c4c9da9a005eb",
    ],
}  # fmt: skip

CONTENTS = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


def nodes(size: int) -> list[bytes]:
    return [merkle.node_of(f"item {number}".encode()) for number in range(size)]


def root_by_definition(contents: list[bytes]) -> bytes:
    """Return MTH(D[n]), word for word from RFC 9162 §2.1.1."""
    n = len(contents)
    if n == 0:
        return sha256(b"").digest()
    if n == 1:
        return sha256(bytes([0x00]) + contents[0]).digest()
    k = 1
    while k * 2 < n:
        k *= 2
    return sha256(bytes([0x01]) + root_by_definition(contents[:k]) + root_by_definition(contents[k:])).digest()


def root_of_proof(place: int, size: int, node: bytes, path: list[bytes]) -> bytes | None:
    """Return the root that a proof gives, by the steps of RFC 9162 §2.1.3.2; None where it has not the right length."""
    fn, sn, r = place, size - 1, node
    for p in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            r = sha256(bytes([0x01]) + p + r).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha256(bytes([0x01]) + r + p).digest()
        fn, sn = fn >> 1, sn >> 1
    return r if sn == 0 else None


@pytest.mark.parametrize("size", FORMER_ROOTS)
def test_the_root_is_that_of_the_dossiers_already_sealed(size):
    assert merkle.root_of(nodes(size)).hex() == FORMER_ROOTS[size]


@pytest.mark.parametrize(("place", "size"), FORMER_PATHS)
def test_the_proof_is_the_one_given_before(place, size):
    assert [digest.hex() for digest in merkle.path_of(nodes(size), place)] == FORMER_PATHS[place, size]


@given(CONTENTS)
def test_the_root_is_the_one_that_the_rfc_defines(contents):
    assert merkle.root_of([merkle.node_of(content) for content in contents]) == root_by_definition(contents)


@given(CONTENTS, st.data())
def test_a_proof_verifies_by_the_steps_of_the_rfc_at_its_place_alone(contents, data):
    bottom = [merkle.node_of(content) for content in contents]
    place = data.draw(st.integers(0, len(contents) - 1))
    path = merkle.path_of(bottom, place)
    root = root_by_definition(contents)
    assert root_of_proof(place, len(contents), bottom[place], path) == root
    assert root_of_proof(place, len(contents), merkle.node_of(b"a content of nine bytes or more"), path) != root
    assert root_of_proof(place, len(contents), bottom[place], [*path, root]) != root


@given(CONTENTS, st.data())
def test_the_program_for_strangers_gives_the_same_root_and_proof(contents, data):
    bottom = [merkle.node_of(content) for content in contents]
    place = data.draw(st.integers(0, len(contents) - 1))
    path = merkle.path_of(bottom, place)
    assert acquis_check.root_of(bottom) == merkle.root_of(bottom)
    assert acquis_check.path_of(bottom, place) == path
    assert acquis_check.root_from(bottom[place], place, len(bottom), path) == merkle.root_of(bottom)


@pytest.mark.parametrize(("place", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_no_proof_is_given_of_what_a_tree_does_not_hold(place, size):
    with pytest.raises(IndexError):
        merkle.path_of(nodes(size), place)
