"""The starter decides on every call: by option, at the terminal, or by its rules."""

import io

import pytest
from agents.testing import ScriptedModel

from human_in_the_loop.run_approvals_workflow import main
from human_in_the_loop.run_worker import build_worker
from tests.harness.workers import failure_of, input_texts, serving
from tests.human_in_the_loop.desk import BIG, DONE, call, one_refund, three_at_once

REJECTED = "A person rejected this call."


class Terminal(io.StringIO):
    """Standard input that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("option", "results"),
    [
        (None, ["A person changed", "No vouchers this month.", "A person changed"]),
        (True, ["Refunded EUR 480.00", "Voucher ", "Refunded EUR 125.00"]),
        (False, [REJECTED, REJECTED, REJECTED]),
    ],
)
async def test_starter_decides_without_a_terminal(
    option: bool | None, results: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    model = three_at_once()
    async with serving(build_worker, model):
        await main("Refund my orders.", approve=option, by="Ada")
    read = input_texts(model.calls[1])[-3:]
    assert all(text.startswith(start) for text, start in zip(read, results, strict=True)), read
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith("Clerk wants to call refund with {")
    assert shown[-4] == "Done."
    verdict = {None: "edited", True: "approved", False: "rejected"}[option]
    assert shown[-3].startswith(f"(refund was {verdict} by Ada at ")


@pytest.mark.parametrize(
    ("typed", "result"),
    [
        ("a\n", "Refunded EUR 480.00"),
        ("r\nToo much\n", "Too much"),
        ('e\n{"order_id": "1002", "cents": 5}\n', "A person changed the arguments"),
        ("what?\nr\n\n", REJECTED),
        ("e\n{oops\nr\n\n", REJECTED),
        ('e\n{"cents": 5}\nr\n\n', REJECTED),
    ],
)
async def test_starter_asks_at_a_terminal(
    typed: str, result: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    model = one_refund()
    async with serving(build_worker, model):
        await main("Refund my orders.", by="Ada")
    assert input_texts(model.calls[1])[-1].startswith(result)


async def test_starter_rejects_a_call_that_its_rule_cannot_edit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = ScriptedModel([[call("refund", {**BIG, "order_id": 1002}, "c1")], DONE])
    async with serving(build_worker, model):
        await main("Refund my orders.", by="Ada")
    reason = "edited_arguments.order_id: 1002 is not of type 'string'"
    assert input_texts(model.calls[1])[-1] == reason
    assert f"  Not accepted: {reason}\n  rejected by Ada at " in capsys.readouterr().out


async def test_control_codes_of_the_model_are_not_printed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = ScriptedModel([[call("refund", {**BIG, "order_id": "\x9b31m"}, "c1")], DONE])
    async with serving(build_worker, model):
        await main("Refund my orders.", approve=False)
    assert "\x9b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("request_", "seconds", "message"),
    [
        (" ", 1, "request is empty"),
        ("x" * 4_001, 1, "request is 4,001 characters; the limit is 4,000"),
        ("Refund.", 0, "decision_timeout is 0:00:00; it must be positive and at most 365 days"),
        ("Refund.", 3.2e7, "it must be positive and at most 365 days"),
    ],
)
async def test_invalid_input_fails(request_: str, seconds: float, message: str) -> None:
    async with serving(build_worker, ScriptedModel()):
        error = await failure_of(main(request_, decision_timeout=seconds))
    assert error.type == "InvalidInput"
    assert message in error.message
