# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Signed actors: who made these weights.

Ed25519 (RFC 8032) over all metadata but the signature. Metadata hold the hash of the tensors, so
nothing of an actor can be changed without the key.
"""

from __future__ import annotations

from collections.abc import Collection
import json
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    load_pem_private_key,
    NoEncryption,
    PrivateFormat,
)
from policy_gen_ros.policies.weights import ActorError, read_blob
from policy_gen_ros.utils.tensors import to_safetensors

_SIGNER, _SIGNATURE = 'signer', 'signature'
_NEW_KEY = '"policy_gen sign --new --key PATH" makes one'


class KeyFileError(ValueError):
    """A key that cannot be read, or would be overwritten."""


def make_key(path: Path) -> Ed25519PrivateKey:
    """
    Make a private key, readable by its owner only.

    :raises KeyFileError: there is a file already
    """
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 'wb') as file:
            file.write(text)
    except FileExistsError:
        raise KeyFileError(f'{path} exists already; a key is never overwritten: leave --new away '
                           'to use it') from None
    return key


def load_key(path: Path) -> Ed25519PrivateKey:
    """
    Read a private key.

    :raises KeyFileError: missing, or not an Ed25519 key in PEM
    """
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise KeyFileError(f'cannot read the signing key {path} ({error}): {_NEW_KEY}') from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f'{path} holds another kind of key, expected Ed25519: {_NEW_KEY}')
    return key


def public_name(key: Ed25519PrivateKey) -> str:
    """Public key as 64 hexadecimal digits, as ``trusted_keys`` lists them."""
    return key.public_key().public_bytes_raw().hex()


def parse_public(name: str) -> str:
    """
    Check a public key, and return it as :func:`public_name` writes it.

    :raises KeyFileError: not 64 hexadecimal digits
    """
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(name)).public_bytes_raw().hex()
    except ValueError as error:
        raise KeyFileError(f'trusted key {name!r:.80} is not 64 hexadecimal digits, as '
                           '"policy_gen sign" prints them') from error


def sign(blob: bytes, key: Ed25519PrivateKey) -> bytes:
    """
    Return an actor's bytes with a signature, in place of one that they may have.

    :raises ActorError: not an actor's bytes
    """
    metadata, tensors = read_blob(blob)
    metadata.pop(_SIGNATURE, None)
    metadata[_SIGNER] = public_name(key)
    return to_safetensors(tensors, {**metadata, _SIGNATURE: key.sign(_message(metadata)).hex()})


def check_signature(blob: bytes, trusted: Collection[str]) -> None:
    """
    Verify who signed an actor. Its tensors are checked by its hash when it is parsed.

    :param trusted: public keys
    :raises ActorError: not signed, by a key that is not trusted, or altered afterwards
    """
    metadata, _ = read_blob(blob)
    signature, signer = metadata.pop(_SIGNATURE, ''), metadata.get(_SIGNER, '')
    if not signature:
        raise ActorError('not signed, and only actors of trusted keys are accepted: give the '
                         'generator a signing_key')
    if signer not in trusted:
        raise ActorError(f'signed by {signer!r:.20}, which is not a trusted key: if you trust it, '
                         'add it to trusted_keys')
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer)).verify(
            bytes.fromhex(signature), _message(metadata))
    except (InvalidSignature, ValueError) as error:
        raise ActorError('the signature does not fit: the actor was altered; sign it '
                         'anew') from error


def _message(metadata: dict[str, str]) -> bytes:
    return json.dumps(metadata, sort_keys=True).encode()
