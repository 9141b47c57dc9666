"""What the model says in hosted_mcp/."""

import json

from offline_model.model_reply import (
    Reply,
    mcp_approval_request,
    mcp_call,
    mcp_list_tools,
    say,
    together,
)
from offline_model.model_request import ModelRequest

CRASHES = '[{"number": 300, "title": "Crash at interpreter exit", "state": "open"}]'
IMPORTS = "Each workflow imports its modules anew, except those that are passed through."


def github(seen: ModelRequest) -> Reply | None:
    """Search GitHub's issues."""
    if "search_issues" not in str(seen.hosted.get("mcp")) or "crash" not in seen.user_text:
        return None
    query = {"query": "repo:temporalio/sdk-python is:open crash at exit"}
    return together(
        mcp_list_tools("server", {"search_issues": "Search issues."}),
        mcp_call("server", "search_issues", query, CRASHES),
        say("One open issue is about it: number 300, Crash at interpreter exit."),
    )


def documentation(seen: ModelRequest) -> Reply | None:
    """Ask whether the documentation may be searched; search it, or do without."""
    if "gitmcp.io/temporalio" not in str(seen.hosted.get("mcp")) or "sandbox" not in seen.user_text:
        return None
    if not seen.approvals:
        query = {"query": "workflow sandbox imports"}
        return together(
            mcp_list_tools("server", {"search_documentation": "Search the documentation."}),
            mcp_approval_request("server", "search_documentation", query),
        )
    asked = seen.approvals[-1]
    if not asked.approved:
        return say(
            f"I was not allowed to call {asked.name}, so I cannot say. {asked.reason}".strip()
        )
    return together(
        mcp_call(
            "server",
            asked.name,
            json.loads(asked.arguments),
            IMPORTS,
            approval_request_id=asked.id,
        ),
        say(IMPORTS),
    )


RULES = [github, documentation]
