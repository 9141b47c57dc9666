"""The environment of a process with threads of the SDK is changed one variable at a time."""

import ast
import os

import pytest

from sample_cli.catalog import ROOT
from tests.harness.environment import variables
from tests.harness.source import CODE, modules, tree

REPLACING = ("patch.dict(os.environ", "os.environ.clear(")
FORKED = ROOT / "tests/harness/processes.py"  # a new process, which has no threads yet


@pytest.mark.parametrize("folder", CODE)
def test_environment_is_not_replaced(folder: str) -> None:
    for file in modules(folder):
        if file != FORKED:
            calls = [node for node in ast.walk(tree(file)) if isinstance(node, ast.Call)]
            assert not [call for call in calls if ast.unparse(call).startswith(REPLACING)], file


def test_variables_are_set_and_deleted_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWN", "before")
    monkeypatch.delenv("NEW", raising=False)
    with variables(OWN=None, NEW="during"):
        assert ("OWN" in os.environ, os.environ["NEW"]) == (False, "during")
    assert (os.environ["OWN"], "NEW" in os.environ) == ("before", False)
