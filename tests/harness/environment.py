"""Sets environment variables for a while, one at a time.

`patch.dict(os.environ)` deletes all variables at its end, and sets them again. A thread of the SDK
or of libc that reads one meanwhile, without Python's lock, crashes the process.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def variables(**values: str | None) -> Iterator[None]:
    """Set variables during the block; None deletes one."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            if value is None:
                patch.delenv(name, raising=False)
            else:
                patch.setenv(name, value)
        yield
