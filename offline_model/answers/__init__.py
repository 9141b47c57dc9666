"""Scripted answers, one module per topic. Every module in this folder is loaded.

A module lists its rules in `RULES`. A rule receives a request and returns a reply, or None to leave
the request to the next rule, and finally to the fallback. offline_model/README.md shows how to add
one.
"""

import pkgutil
from collections.abc import Callable
from importlib import import_module

from offline_model.model_reply import Reply
from offline_model.model_request import ModelRequest

Rule = Callable[[ModelRequest], Reply | None]


def load_rules() -> list[Rule]:
    """Return the rules of all topics."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    return [rule for module in modules for rule in module.RULES]
