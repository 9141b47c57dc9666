"""Images by URL: only the URL is sent."""

import pytest
from agents.testing import ScriptedModel, assistant_message

from basic.run_remote_image_workflow import main
from basic.run_worker import build_worker
from tests.harness.workers import failure_of, serving

URL = "https://pictures.example/bridge.jpg"


async def test_starter_sends_the_url_not_the_image(capsys: pytest.CaptureFixture[str]) -> None:
    model = ScriptedModel([[assistant_message("A bridge.")]])
    async with serving(build_worker, model):
        await main(URL, "What is this?")
    assert capsys.readouterr().out == "A bridge.\n"
    [message] = model.calls[0].input
    assert message["content"] == [
        {"type": "input_image", "detail": "auto", "image_url": URL},
        {"type": "input_text", "text": "What is this?"},
    ]


@pytest.mark.parametrize(
    "url", ["", "picture.png", "file:///etc/passwd", "ftp://host/a.png", "https://", "http:///a"]
)
async def test_url_that_is_not_http_is_rejected(url: str) -> None:
    model = ScriptedModel()
    async with serving(build_worker, model):
        error = await failure_of(main(url, "What is this?"))
    assert error.type == "InvalidInput"
    assert "it must be an http or https URL" in error.message
    assert model.calls == ()
