"""Signatures of webhooks, out and in, by the Standard Webhooks specification (standardwebhooks.com). Sends nothing.

What is signed is "<id>.<timestamp>.<body>", by HMAC-SHA256, with the bytes behind "whsec_".
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from core.errors import Unauthorized

PREFIX = "whsec_"
TOLERANCE = timedelta(minutes=5)  # what the specification's own libraries allow
MOST_SIGNATURES = 10  # a sender that changes its secret sends two

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


class WrongSignature(Unauthorized):
    """A message that was not signed with the secret."""

    def __init__(self) -> None:
        super().__init__(
            f"the signature does not fit: {SIGNATURE} must sign {ID}, {TIMESTAMP} and the body with this door's secret",
            remedy="check the secret, and sign the very bytes that you send",
        )


class WrongTime(Unauthorized):
    """A message that was signed too long ago, or in the future: it may be a copy."""

    def __init__(self) -> None:
        super().__init__(
            f"{TIMESTAMP} is more than {TOLERANCE.seconds // 60} minutes from now",
            remedy="set the sender's clock, and sign each attempt anew",
        )


def new_secret() -> str:
    """returns: a secret of 32 random bytes, as the specification writes it"""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`.

    >>> secret, message = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    >>> sign(secret, message, 1614265330, b'{"test": 2432232314}')  # the specification's own example
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def signed_headers(secret: str, message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The three headers of one attempt."""
    timestamp = int(now.timestamp())
    return {ID: message_id, TIMESTAMP: str(timestamp), SIGNATURE: sign(secret, message_id, timestamp, body)}


def check(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Whether a message was signed with the secret, lately. headers: by names in small letters

    returns: the message's id
    raises: WrongSignature, WrongTime
    """
    message_id, stamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    try:
        timestamp = int(stamp)
        at = datetime.fromtimestamp(timestamp, UTC)
    except (ValueError, OverflowError, OSError):
        raise WrongSignature from None
    try:
        expected = sign(secret, message_id, timestamp, body).encode()
    except binascii.Error:
        raise WrongSignature from None
    given = headers.get(SIGNATURE, "").split(" ")[:MOST_SIGNATURES]
    # every one is compared, in the same time whether and where it differs
    if sum(hmac.compare_digest(expected, one.encode()) for one in given) == 0 or not message_id:
        raise WrongSignature
    if abs(now - at) > TOLERANCE:
        raise WrongTime
    return message_id
