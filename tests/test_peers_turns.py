"""The comparison with other systems: which are measured, and compared with which."""

from dataclasses import dataclass, field, replace
from typing import cast

import pytest
import typer

from benchmarks.peers.measure import Crash, Round, Running, Size
from benchmarks.peers.report import Results
from benchmarks.peers.run import chosen, measure
from benchmarks.peers.systems import DEFAULT, PLAIN, SYSTEMS, System

FIGURES = Round(1, 1, 1, 1, 1)
[CONTROL] = [each for each in SYSTEMS if each.id == "control"]


@dataclass
class Machine:
    """Stands for a system whose processes run; notes its turns."""

    system: System
    turns: list[str] = field(default_factory=list)

    async def warm_up(self, size: Size) -> None:
        self.turns.append(f"warm up {self.system.id}")

    async def round(self, size: Size) -> Round:
        self.turns.append(f"measure {self.system.id}")
        return FIGURES

    async def crash(self, size: Size) -> Crash:
        self.turns.append(f"kill {self.system.id}")
        return Crash(1, 0, 0)


async def test_systems_take_turns_in_rounds_that_they_share() -> None:
    turns: list[str] = []
    found: dict[str, Results] = {}
    machines = [cast(Running, Machine(each, turns)) for each in (PLAIN, DEFAULT, CONTROL)]
    lines = [line async for line in measure(machines, 2, 1, Size(), found)]
    assert turns == [
        *("warm up plain", "warm up default", "warm up control"),
        *("measure plain", "measure default", "measure control"),
        *("measure control", "measure default", "measure plain"),
        *("kill plain", "kill default"),
    ]
    assert len(lines) == 8
    assert len({tuple(results.rounds) for results in found.values()}) == 1


def test_noise_is_that_of_the_default() -> None:
    assert replace(CONTROL, id=DEFAULT.id, name=DEFAULT.name, is_variant=False) == DEFAULT


def test_figure_that_was_too_small_to_measure_has_no_ratio() -> None:
    zero = Results({"first": replace(FIGURES, server_cpu=0.0)})
    assert Results({"first": FIGURES}).ratio(zero, "server_cpu") is None


def test_unknown_system_is_rejected() -> None:
    with pytest.raises(typer.BadParameter, match=r"No such system: dbos\. There are: plain, "):
        chosen("plain,dbos")
