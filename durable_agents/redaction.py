"""Removes credentials from text that is recorded or logged, and characters that cannot be encoded.

Providers repeat parts of a key in their errors, and a server can echo all of it.
"""

import os
import re

REDACTED = "[redacted]"
MIN_SECRET_LENGTH = 8  # characters; a shorter value would match ordinary words

_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL")
_SECRET = re.compile(
    r"\b(?:sk|pk|rk)[-_][\w*.-]{6,}"  # also as providers mask them: sk-ab***yz
    r"|(?i:(?<=bearer ))\S+"
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)",  # user:password@host
)


def redact(text: str) -> str:
    """Return `text` without credentials: those in this process's environment, and known forms."""
    for name, value in os.environ.items():
        secret = value.strip()
        if len(secret) >= MIN_SECRET_LENGTH and secret in text and _SECRET_NAME.search(name):
            text = text.replace(secret, REDACTED)
    return _SECRET.sub(REDACTED, text)


def well_formed(text: str) -> str:
    """Return `text` with each lone surrogate, which UTF-8 cannot encode, replaced by U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
