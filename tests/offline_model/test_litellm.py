"""LiteLLM's client, in its own process: it takes seconds to import, and fills the log."""

import json
import os
import subprocess
import sys

import pytest

from offline_model.server import OfflineModel
from tests.offline_model.conftest import CHAT_WEATHER

SCRIPT = """
import json, sys
import litellm

base, tools = sys.argv[1], json.loads(sys.argv[2])
ask = dict(model="openai/gpt-5", api_base=base, api_key="offline", max_retries=0,
           messages=[{"role": "user", "content": "Weather in Oslo?"}])
plain = litellm.completion(**ask)
tool = litellm.completion(**ask, tools=tools)
chunks = list(litellm.completion(**ask, stream=True))
streamed = litellm.stream_chunk_builder(list(litellm.completion(**ask, tools=tools, stream=True)))
try:
    litellm.completion(**ask, extra_headers={"x-offline-fault": "429"})
    error = None
except litellm.RateLimitError as caught:
    error = caught.status_code
print(json.dumps([
    plain.choices[0].message.content,
    tool.choices[0].message.tool_calls[0].function.arguments,
    "".join(chunk.choices[0].delta.content or "" for chunk in chunks),
    streamed.choices[0].message.tool_calls[0].function.arguments,
    error,
]))
"""


@pytest.mark.exhaustive
def test_litellm_gets_answers_plain_and_streamed_and_errors(model: OfflineModel) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, model.base_url, json.dumps([CHAT_WEATHER])],
        env=os.environ | {"LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    plain, tool, streamed, streamed_tool, error = json.loads(done.stdout.splitlines()[-1])
    assert "Oslo" in plain
    assert streamed == plain
    assert tool == streamed_tool == '{"city": "Oslo"}'
    assert error == 429
    assert len(model.calls) == 5
