'''What the offline model says in the samples: one module a topic, found by being here.

A module lists its rules in `RULES`. A rule looks at what the model sees and answers, or returns
None to leave it to the next one. Whatever no rule answers goes to the autopilot. A rule sees the
requests of all samples, so its first condition names its own: a tool, or words of the instructions.

    from offline_model.model_reply import Reply, call, say
    from offline_model.model_request import ModelRequest


    def weather(seen: ModelRequest) -> Reply | None:
        """Look the weather up, then tell it."""
        if seen.can_call("get_weather"):
            return call("get_weather", city="Oslo")
        if report := seen.tool_results.get("get_weather"):
            return say(f"In Oslo: {report[0]}")
        return None


    RULES = [weather]
'''

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
