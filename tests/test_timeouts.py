"""A test that hangs is cancelled while its fixtures still work, and fails."""

import asyncio

import pytest

from tests.conftest import EXHAUSTIVE_TIMEOUT, pytest_collection_modifyitems
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
    assert (marker.args, marker.kwargs) == ((20 + GRACE,), {"method": "thread"})
    assert request.node.obj.__wrapped__


@pytest.mark.parametrize("name", ["alone", "browser", "postgres", "prometheus"])
def test_tests_that_need_more_than_the_default_run_has_are_exhaustive(
    name: str, request: pytest.FixtureRequest
) -> None:
    item = pytest.Function.from_parent(request.node.parent, name="test", callobj=until_cancelled)
    item.add_marker(name)
    pytest_collection_modifyitems([item])
    [limit, *_] = item.iter_markers("timeout")
    assert item.get_closest_marker("exhaustive")
    assert limit.args == (EXHAUSTIVE_TIMEOUT + GRACE,)


async def until_cancelled() -> None:
    await asyncio.Event().wait()
