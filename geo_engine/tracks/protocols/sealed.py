"""What OwnTracks encrypts: libsodium's secretbox in Base64, its key a secret that both ends were given."""

import base64
import binascii

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from geo_engine.tracks.protocols.model import Unusable
from geo_engine.words import Message


def unseal(data: object, secret: str | None) -> bytes:
    """Return what was encrypted.

    Parameters
    ----------
    data
        Base64 of nonce (24 bytes), authenticator (16) and ciphertext.
    secret
        As typed into the app; padded with zero bytes, or cut, to the 32 bytes of a key.

    Raises
    ------
    Unusable
        When there is no secret, or not the one that it was encrypted with.
    """
    if secret is None:
        raise Unusable(Message("It is encrypted, and its secret is not known here."))
    if not isinstance(data, str):
        raise Unusable(Message("It is encrypted, and nothing is in it."))
    key = secret.encode("utf-8", "replace")[: SecretBox.KEY_SIZE].ljust(SecretBox.KEY_SIZE, b"\0")
    try:
        return SecretBox(key).decrypt(base64.b64decode(data.encode("ascii", "replace")))
    except (binascii.Error, CryptoError, ValueError) as error:
        raise Unusable(Message("It is encrypted with another secret, or damaged.")) from error
