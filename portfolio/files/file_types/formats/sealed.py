"""Envelopes that the holder of a key alone opens: CMS (S/MIME, .p7m) and OpenPGP."""

# The types envelopedData and authEnvelopedData of CMS (RFC 5652, RFC 5083), which come right after its first length.
_ENVELOPES = (bytes.fromhex("06092a864886f70d010703"), bytes.fromhex("060b2a864886f70d0109100117"))
_SEQUENCE, _FIRST_LENGTH = b"\x30", 8
_PGP = b"-----BEGIN PGP MESSAGE-----"


def is_sealed(head: bytes) -> bool:
    """Return whether a content begins as an envelope."""
    if head.lstrip().startswith(_PGP):
        return True
    place = head[: _FIRST_LENGTH + max(map(len, _ENVELOPES))]
    return head.startswith(_SEQUENCE) and any(envelope in place for envelope in _ENVELOPES)
