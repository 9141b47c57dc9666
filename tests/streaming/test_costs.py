"""What streaming costs: bytes of history, as the README states them, and time to the first text."""

import re
from pathlib import Path

import pytest

import streaming
from benchmarks.streams import first_texts, history_of_ours, history_of_stock

README = Path(streaming.__file__).with_name("README.md")
ROW = re.compile(r"^\| (.+) \| (\d+) \| (\d+) kB \|$", re.MULTILINE)
STATED = {
    (name, int(readers)): int(size) for name, readers, size in ROW.findall(README.read_text())
}
OURS = {readers: size for (name, readers), size in STATED.items() if name == "this sample"}
STOCK = {readers: size for (name, readers), size in STATED.items() if "run_streamed" in name}

pytestmark = pytest.mark.exhaustive


def test_readme_states_the_history_of_each_way() -> None:
    assert (set(OURS), set(STOCK)) == ({0, 1, 20}, {1, 2})


@pytest.mark.parametrize("readers", [0, 1, 20])
async def test_history_is_small_however_many_readers_there_are(readers: int) -> None:
    text, size, read = await history_of_ours(readers)
    assert read == [text] * readers, "a reader has lost or repeated text"
    assert len(text.split()) == 1_000
    assert size <= 100_000
    assert abs(size / 1e3 - OURS[readers]) < 0.15 * OURS[readers]


@pytest.mark.parametrize("readers", [1, 2])
async def test_stock_history_grows_with_its_readers(readers: int) -> None:
    size = await history_of_stock(readers)
    assert abs(size / 1e3 - STOCK[readers]) < 0.15 * STOCK[readers]
    assert size > 5e3 * OURS[20]


@pytest.mark.alone
async def test_first_text_is_on_the_page_soon_after_direct_streaming() -> None:
    direct, page = await first_texts(pairs=10)
    # The fastest of each: a busy machine only adds time.
    assert min(page) <= 1.5 * min(direct), (page, direct)
