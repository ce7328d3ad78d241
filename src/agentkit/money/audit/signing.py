"""Sign checkpoints, so that whoever keeps them cannot make others.

Rules: a secret is shared with whoever verifies (HMAC-SHA-256), or a pair of keys has the public one verify (Ed25519, by
the extra `audit`); the key decides what is accepted, never the checkpoint.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Protocol

from agentkit.errors import AuditError, MissingExtra
from agentkit.money.numbers.kinds import is_a

from .verifier import Key

__all__ = ["Ed25519Signer", "HmacSigner", "Signer", "read_signer"]

_FEWEST_BYTES = 16


class Signer(Protocol):
    """Who signs checkpoints."""

    @property
    def key(self) -> Key:
        """What its signatures are checked with."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Sign."""
        ...


class HmacSigner:
    """Signs with a secret. Whoever can verify can sign as well: keep the secret from whoever writes the trail's file.

    Args:
        secret: At least 16 bytes, better 32, from a source of chance such as `secrets.token_bytes`.

    Raises:
        AuditError: It is shorter, or no bytes.

    Example:
        >>> HmacSigner(b"0123456789abcdef").key.algorithm
        'hmac-sha256'
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if not is_a(secret, bytes):
            raise AuditError(f"a secret is bytes, not {type(secret).__name__}: take 32 from secrets.token_bytes(32)")
        if len(secret) < _FEWEST_BYTES:
            raise AuditError(f"a secret of {len(secret)} bytes can be guessed: take 32 from secrets.token_bytes(32)")
        self._secret = secret

    @property
    def key(self) -> Key:
        """What its signatures are checked with: the secret itself."""
        return Key("hmac-sha256", self._secret)

    def sign(self, message: bytes) -> bytes:
        """Sign by HMAC-SHA-256 (RFC 2104)."""
        return hmac.new(self._secret, message, hashlib.sha256).digest()


class Ed25519Signer:
    """Signs with a private key; whoever has the public one can verify, and cannot sign. Needs the extra `audit`.

    Args:
        private: The 32 bytes of the private key (RFC 8032), from a source of chance such as `secrets.token_bytes`.

    Raises:
        AuditError: They are not 32 bytes.
        MissingExtra: `cryptography` is not installed.

    Example:
        >>> Ed25519Signer(bytes(32)).key.value.hex()[:16]
        '3b6a27bcceb6a42d'
    """

    __slots__ = ("_key", "_sign")

    def __init__(self, private: bytes) -> None:
        try:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        except ImportError as error:
            raise MissingExtra("audit", "cryptography") from error
        if not is_a(private, bytes) or len(private) != 32:
            raise AuditError("a private key is 32 bytes: take them from secrets.token_bytes(32)")
        made = Ed25519PrivateKey.from_private_bytes(private)
        self._key = Key("ed25519", made.public_key().public_bytes_raw())
        self._sign = made.sign

    @property
    def key(self) -> Key:
        """What its signatures are checked with: the public key."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """Sign by Ed25519 (RFC 8032)."""
        return self._sign(message)


def read_signer(text: str) -> Signer:
    """Read what signs: `hmac-sha256:HEX`, or `ed25519-private:HEX`.

    A public key is written as `ed25519:HEX`, so that the two cannot be taken for each other.

    Raises:
        AuditError: It is neither, or a secret that can be guessed.
        MissingExtra: It is a private key, and `cryptography` is not installed.

    Example:
        >>> read_signer("hmac-sha256:000102030405060708090a0b0c0d0e0f").key.algorithm
        'hmac-sha256'
    """
    algorithm, _, digits = text.strip().partition(":")
    try:
        value = bytes.fromhex(digits)
    except ValueError:
        value, algorithm = b"", ""
    if algorithm == "hmac-sha256":
        return HmacSigner(value)
    if algorithm == "ed25519-private":
        return Ed25519Signer(value)
    raise AuditError("this signs nothing: write hmac-sha256:HEX, or ed25519-private:HEX for a private key")
