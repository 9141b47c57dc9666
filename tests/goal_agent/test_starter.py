"""The starter without a terminal: output and exit."""

from durable_agents import root_cause

import asyncio
import io
from datetime import timedelta
from pathlib import Path

import pytest
from agents.testing import ModelCall
from temporalio.exceptions import ApplicationError

from goal_agent.client import WAITING_FOR_WORKER, TurnFailed
from goal_agent.run_goal_workflow import main
from goal_agent.run_worker import build_worker
from offline_model.server import OfflineModel
from sample_cli.processes import until
from tests.goal_agent.conversations import EVENTS, INVOICE, follow_prompt, invoices, obedient_model
from tests.harness.starters import topic_worker
from tests.harness.workers import serving

ORDERS = [
    ["Find me an event in Oslo in June", "yes the jazz one, I fly from Berlin", "the cheapest"],
    ["Hi!", "Vienna", "October", "the coffee one", "Munich", "the latest flight"],
    ["June in Warsaw, from Paris please", "yes that one", "the second"],
]


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("yes", [True, False])
async def test_starter_sends_prompts_and_confirms_steps_with_yes_only(
    yes: bool, ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(build_worker, obedient_model()):
        await main(prompt=[INVOICE, "hello"], yes=yes)
    shown = lines(capsys)
    call = "create_invoice(email=a@b.org, amount=12.50, description=flight)"
    decided = shown[shown.index(f"Step: {call}") + 1 :]
    if not yes:
        assert decided.pop(0) == "Cancelled: use --yes to confirm."
    verdict = "was confirmed." if yes else "was not confirmed, and not run."
    assert decided[0] == f"System: create_invoice {verdict}"
    assert shown[-2:] == ["User: hello", "Agent: Re: hello"]
    assert len(invoices(ledger)) == yes


async def test_starter_fails_with_the_error_type_of_a_failed_turn(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def answer(call: ModelCall) -> str:
        if call.input[-1]["content"] == "fail":
            raise ApplicationError("Down", type="ModelDown", non_retryable=True)
        return follow_prompt(call)

    async with serving(build_worker, obedient_model(answer=answer)):
        with pytest.raises(TurnFailed) as failure:
            await main(prompt=["fail", "hello"])
    assert str(root_cause(failure.value)) == "ModelDown: prompts not answered: 1"
    shown = lines(capsys)
    assert "System: I could not finish this answer (ModelDown). Try again." in shown
    assert shown[-1] == "Agent: Re: hello"


async def test_starter_notes_once_that_it_waits_for_a_worker(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goal_agent.client.QUERY_TIMEOUT", timedelta(milliseconds=500))
    starter = asyncio.create_task(main(prompt=[EVENTS]))
    shown = ""

    async def is_noted() -> bool:
        nonlocal shown
        shown += capsys.readouterr().out
        return WAITING_FOR_WORKER in shown

    await until(is_noted)
    async with serving(build_worker, obedient_model()):
        await starter
    assert (shown + capsys.readouterr().out).count(WAITING_FOR_WORKER) == 1


@pytest.mark.exhaustive
async def test_offline_model_understands_different_wordings(
    model: OfflineModel, ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with topic_worker("goal_agent"):
        await asyncio.gather(
            *(
                main(prompt=[*order, f"send it to x{n}@b.org"], yes=True)
                for n, order in enumerate(ORDERS)
            )
        )
        await main(
            "find_event", prompt=["Is there a recipe for soup?", "Rome in May", "bye"], yes=True
        )
    shown = lines(capsys)
    assert len(invoices(ledger)) == len(ORDERS)
    assert sum(line.startswith("Step: create_invoice") for line in shown) == len(ORDERS)
    reason = "I can only help with events and the trip there. Shall we continue with that?"
    assert f"Agent: {reason}" in shown
    assert shown[-1] == "Agent: You are welcome. Goodbye!"
