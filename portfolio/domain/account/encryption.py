"""Encryption of what an account keeps, under the key of the installation: a copy of the database alone reads
none of it.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken


def encrypt(text: str, key: str, purpose: str) -> bytes:
    """Return a text encrypted for one purpose."""
    return _fernet(key, purpose).encrypt(text.encode())


def decrypt(secret: bytes, key: str, purpose: str) -> str | None:
    """Return the text; None when it was encrypted under another key of the installation."""
    try:
        return _fernet(key, purpose).decrypt(secret).decode()
    except InvalidToken:
        return None


def _fernet(key: str, purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"{purpose} {key}".encode()).digest()))
