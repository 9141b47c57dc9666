"""Keys of the tests, as `ENCRYPTION_KEYS` takes them."""

import base64

A, B = (f"{key_id}:{base64.b64encode(key_id.encode() * 32).decode()}" for key_id in "ab")
OTHER_A = f"a:{base64.b64encode(bytes(32)).decode()}"
