"""Reading a Tink keyset and judging a signature, as a subscriber would; independent of what signs.

Belongs here: the wire format of protobuf and of Tink. Not here: what a test expects.
"""

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec


def fields_of(message):
    """Give a protobuf message's fields by number; numbers as ints, the rest as bytes."""
    found, at = {}, 0

    def varint():
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        tag = varint()
        if tag & 7 == 0:
            found[tag >> 3] = varint()
        else:
            assert tag & 7 == 2
            length = varint()
            found[tag >> 3] = message[at : at + length]
            at += length
    return found


def public_key(entry):
    value = fields_of(base64.b64decode(entry["keyData"]["value"], validate=True))
    x, y = (int.from_bytes(value[number], "big") for number in (3, 4))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def is_signed(header, body, keyset):
    """Say whether one of a keyset's enabled keys signed these bytes."""
    raw = base64.b64decode(header, validate=True)
    number = int.from_bytes(raw[1:5], "big")
    entry = next((one for one in keyset["key"] if one["keyId"] == number), None)
    if raw[0] != 1 or entry is None or entry["status"] != "ENABLED":
        return False
    try:
        public_key(entry).verify(raw[5:], body, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True
