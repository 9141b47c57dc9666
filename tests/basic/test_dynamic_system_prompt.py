"""The instructions are computed from the context of the run."""

import pytest
from agents.testing import ScriptedModel, assistant_message

from basic.run_dynamic_system_prompt_workflow import main
from basic.run_worker import build_worker
from basic.workflows.dynamic_system_prompt import STYLES
from tests.harness.workers import failure_of, serving


@pytest.mark.parametrize("style", STYLES)
async def test_style_selects_the_system_prompt(
    style: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = ScriptedModel([[assistant_message("Arr, ye joke.")]])
    async with serving(build_worker, model):
        await main("Tell me a joke.", style)
    assert capsys.readouterr().out == "Arr, ye joke.\n"
    assert model.calls[0].system_instructions == STYLES[style]


async def test_default_style_is_random_and_survives_replay() -> None:
    # `serving` replays each history; it fails if the choice depends on anything but the workflow.
    drawn: set[str | None] = set()
    while len(drawn) < 2:
        model = ScriptedModel([[assistant_message("A joke.")]])
        async with serving(build_worker, model):
            await main("Tell me a joke.")
        drawn.add(model.calls[0].system_instructions)
    assert drawn <= set(STYLES.values())


async def test_unknown_style_lists_the_known_ones() -> None:
    model = ScriptedModel()
    async with serving(build_worker, model):
        error = await failure_of(main("Tell me a joke.", "opera"))
    assert error.type == "InvalidInput"
    assert error.message == "style is 'opera'; choose one of haiku, pirate, robot"
    assert model.calls == ()
