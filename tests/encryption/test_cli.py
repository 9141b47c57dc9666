"""The Temporal CLI shows encrypted histories through the codec server."""

import pytest
from temporalio.testing import WorkflowEnvironment

from encryption.codec_server import allow_header
from tests.encryption.keys import A, B
from tests.encryption.shown import show
from tests.encryption.test_codec_server import TOKEN, serving_codec
from tests.encryption.test_secrets import run_planted


@pytest.mark.exhaustive
async def test_cli_shows_decoded_histories(
    temporal: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", A)
    workflow_id = await run_planted()
    async with serving_codec(f"{B},{A}", allow_header(TOKEN)) as http:
        options = ("--codec-endpoint", str(http.base_url).rstrip("/"), "--codec-auth", TOKEN)
        raw, decoded = await show(workflow_id), await show(workflow_id, *options)
        refused = await show(workflow_id, *options[:2])
    assert "SECRET" not in raw + refused
    for secret in ("prompt", "answer", "instructions", "failure", "error", "title", "summary"):
        assert f"SECRET-{secret}" in decoded
