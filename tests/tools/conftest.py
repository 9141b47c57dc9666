"""A client of the offline model, which the code under test uses too."""

from collections.abc import Iterator

import pytest
from openai import OpenAI

from offline_model.server import OfflineModel


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAI]:
    with OfflineModel() as model:
        monkeypatch.setenv("OPENAI_BASE_URL", model.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "offline")
        with OpenAI() as client:
            yield client
