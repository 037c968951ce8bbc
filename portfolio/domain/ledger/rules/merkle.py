"""The Merkle tree of RFC 6962 §2.1 and RFC 9162 §2.1 (Certificate Transparency), over SHA-256.

A tree is given by its bottom nodes, in order. `acquis_check.py` says the same apart, for strangers who have one file.
"""

from collections.abc import Sequence
from hashlib import sha256


def node_of(content: bytes) -> bytes:
    """Return the bottom node of a content."""
    return sha256(b"\0" + content).digest()


def root_of(nodes: Sequence[bytes]) -> bytes:
    """Return the root of a tree: of no node, the digest of nothing."""
    if len(nodes) <= 1:
        return nodes[0] if nodes else sha256().digest()
    split = _split(len(nodes))
    return sha256(b"\1" + root_of(nodes[:split]) + root_of(nodes[split:])).digest()


def path_of(nodes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that a node is in a tree: the digests beside its path, from the bottom to the top; raise
    IndexError where the tree has no such node.
    """
    if not 0 <= index < len(nodes):
        raise IndexError(index)
    if len(nodes) == 1:
        return []
    split = _split(len(nodes))
    if index < split:
        return [*path_of(nodes[:split], index), root_of(nodes[split:])]
    return [*path_of(nodes[split:], index - split), root_of(nodes[:split])]


def _split(size: int) -> int:
    """Return the largest power of two smaller than a size."""
    return 1 << (size - 1).bit_length() - 1
