"""Credentials reach neither history nor logs, even if a provider repeats them."""

from durable_agents.payloads import StrictPayloadConverter, durable_data_converter
from durable_agents.redaction import redact
from durable_agents.worker import RedactingFormatter

import logging

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
)
from temporalio.exceptions import ApplicationError

from offline_model.faults import REFUSED
from offline_model.server import OfflineModel
from tests.harness.starters import run_samples, samples_of

ENCODED = DataConverter(failure_converter_class=DefaultFailureConverterWithEncodedAttributes)
KEY = "sk-proj-abcdefghijklmnopqrstuvwx"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Incorrect API key provided: {KEY}.", "Incorrect API key provided: [redacted]"),
        ("provided: sk-ab***********yz", "provided: [redacted]"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [redacted]"),
        ("postgresql://me:hunter22@db/agents", "postgresql://[redacted]@db/agents"),
        ("the token of CRM is plain-words-5", "the token of CRM is [redacted]"),
        ("a short value, pin", "a short value, pin"),
        ("ask-me-anything is a risk-free task", "ask-me-anything is a risk-free task"),
    ],
)
def test_credentials_are_redacted(
    text: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_TOKEN", "plain-words-5")
    monkeypatch.setenv("DOOR_KEY", "pin")
    monkeypatch.setenv("GREETING", "a short value")
    assert redact(text) == expected


@pytest.mark.parametrize(
    "converter",
    [None, DataConverter(failure_converter_class=DefaultFailureConverterWithEncodedAttributes)],
)
def test_failures_are_encoded_without_credentials(converter: DataConverter | None) -> None:
    encoded = Failure()
    try:
        try:
            raise ValueError(f"inner {KEY}")
        except ValueError as error:
            raise ApplicationError(f"outer {KEY}") from error
    except ApplicationError as error:
        failures = durable_data_converter(converter).failure_converter
        failures.to_failure(error, StrictPayloadConverter(), encoded)
    assert KEY not in str(encoded)
    assert encoded.HasField("cause")


def test_logged_tracebacks_are_redacted() -> None:
    try:
        raise ValueError(KEY)
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
        record = logging.LogRecord("x", logging.INFO, "", 0, "with %s", (KEY,), info)
    line = RedactingFormatter("%(message)s").format(record)
    assert line.startswith("with [redacted]\nTraceback")
    assert KEY not in line


@pytest.mark.parametrize("fault", ["key_echo"])
@pytest.mark.parametrize(
    "topic", ["basic", pytest.param("model_providers", marks=pytest.mark.exhaustive)]
)
async def test_echoed_key_is_in_no_history_and_no_log(
    topic: str,
    fault: str,
    model: OfflineModel,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert fault in REFUSED
    for name in ("OPENAI_API_KEY", "GPT_OSS_API_KEY"):
        monkeypatch.setenv(name, KEY)
    model.faults.always(fault)
    outcome = await run_samples(topic, samples_of(topic))
    assert all(outcome.failures.values())
    for run in outcome.runs:
        assert KEY not in run.history.to_json()
        assert "[redacted]" in run.history.to_json()
    assert KEY not in caplog.text
