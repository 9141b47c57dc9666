"""A small repository, for the tests of the catalog; a new project."""

from pathlib import Path

import pytest

from sample_cli.project import create_project

WORKFLOW = '''"""Makes tea.

And more.
"""

raise RuntimeError("the catalog imports nothing")


@workflow.defn
class TeaWorkflow: ...


@workflow.defn(name="Coffee")
class CoffeeWorkflow: ...


class Cup: ...
'''
KITCHEN = '''"""Hot drinks."""

TASK_QUEUE = "kitchen-queue"
GROUP = "Patterns"
ORDER = 1
'''


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small repository: five samples, and files that are not samples."""
    for name, text in {
        "kitchen/__init__.py": KITCHEN,
        "kitchen/run_worker.py": '"""The worker."""\n',
        "kitchen/workflows/green_tea.py": WORKFLOW,
        "kitchen/run_green_tea_workflow.py": '"""Starts it."""\n',
        "kitchen/run_barista_client.py": '"""Chats with the barista."""\n',
        "kitchen/setup_beans.py": '"""A script."""\n',
        "kitchen/run_later.py": '"""Not a starter either."""\n',
        "bar/__init__.py": 'TASK_QUEUE: str = "bar-queue"\nGROUP = "Start here"\nORDER = 2\n',
        "bar/run_worker.py": "",
        "bar/run_menu_workflow.py": '"""Prints the menu."""\n',
        "service/__init__.py": 'TASK_QUEUE = "service-queue"\nGROUP = "Start here"\nORDER = 1\n',
        "service/run_worker.py": "",
        "service/run_api.py": '"""Orders over HTTP."""\n',
        "service/run_table_api.py": '"""Tables over HTTP."""\n',
        "broken/run_x_workflow.py": '"""A folder without a worker is not a topic."""\n',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that `sample new` has just written."""
    create_project(tmp_path / "clock-agent")
    return tmp_path / "clock-agent"
