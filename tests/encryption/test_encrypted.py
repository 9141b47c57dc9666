"""The agent answers confidential questions, and the starter shows what the server stores."""

import pytest
from agents.testing import ScriptedModel, assistant_message, function_call

from encryption.run_encrypted_workflow import main
from encryption.run_worker import build_worker
from tests.encryption.keys import A, B
from tests.harness.workers import failure_of, input_texts, serving

QUESTION = "My IBAN is GB33 BUKB 2020 1555 5555 55. What is pending?"


def model(iban: str) -> ScriptedModel:
    call = function_call("list_payments", {"iban": iban}, call_id="c1")
    return ScriptedModel([[call], [assistant_message("Nothing is pending.")]])


@pytest.mark.parametrize("keys", [None, f"{B},{A}"])
async def test_starter_shows_what_the_server_stores(
    keys: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if keys:
        monkeypatch.setenv("ENCRYPTION_KEYS", keys)
    script = model("GB33 BUKB 2020 1555 5555 55")
    async with serving(build_worker, script):
        await main(QUESTION)
    assert input_texts(script.calls[1])[-1] == "Pending: none."
    answer, *lines = capsys.readouterr().out.splitlines()
    assert answer == "Nothing is pending."
    assert lines[:2] == ["", "What the server stores:"]
    assert len(lines) == 10
    shown = [line.partition(" ")[2].strip() for line in lines[2:]]
    if keys:
        assert set(shown) == {"encrypted with the key 'b'"}
    else:
        assert shown[0] == f'"{QUESTION}"'
        assert shown[-1] == '"Nothing is pending."'


async def test_unknown_account_is_reported_to_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", A)
    script = model("XX00")
    async with serving(build_worker, script):
        await main(QUESTION)
    report = "list_payments was not done: there is no account XX00"
    assert input_texts(script.calls[1])[-1] == report


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        (" ", "secret_question is empty"),
        ("x" * 4_001, "secret_question is 4,001 characters; the limit is 4,000"),
    ],
)
async def test_invalid_question_is_rejected(
    question: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEYS", A)
    async with serving(build_worker, ScriptedModel([])):
        failure = await failure_of(main(question))
    assert (failure.type, failure.message) == ("InvalidInput", problem)
