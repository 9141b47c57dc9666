"""A test that hangs is cancelled while its fixtures still work, and fails."""

import asyncio

import pytest

from tests.harness.timeouts import GRACE, limited


async def test_async_test_that_hangs_cleans_up_and_fails() -> None:
    cleaned_up = False

    async def hang() -> None:
        nonlocal cleaned_up
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned_up = True

    with pytest.raises(TimeoutError):
        await limited(hang, 0.01)()
    assert cleaned_up


@pytest.mark.timeout(20)
async def test_pytest_timeout_acts_after_the_limit_of_an_async_test(
    request: pytest.FixtureRequest,
) -> None:
    marker = request.node.get_closest_marker("timeout")
    assert marker.args == (20 + GRACE,)
    assert request.node.obj.__wrapped__
