"""Scripted answers for hosted_mcp/."""

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
IMPORTS = "Each workflow reimports its modules, except those that are passed through."


def github(request: ModelRequest) -> Reply | None:
    """Search the issues on GitHub."""
    if "search_issues" not in str(request.hosted.get("mcp")) or "crash" not in request.user_text:
        return None
    query = {"query": "repo:temporalio/sdk-python is:open crash at exit"}
    return together(
        mcp_list_tools("server", {"search_issues": "Search issues."}),
        mcp_call("server", "search_issues", query, CRASHES),
        say("There is one open issue: number 300, Crash at interpreter exit."),
    )


def documentation(request: ModelRequest) -> Reply | None:
    """Ask for approval to search the documentation, then search it or decline."""
    if (
        "gitmcp.io/temporalio" not in str(request.hosted.get("mcp"))
        or "sandbox" not in request.user_text
    ):
        return None
    if not request.approvals:
        query = {"query": "workflow sandbox imports"}
        return together(
            mcp_list_tools("server", {"search_documentation": "Search the documentation."}),
            mcp_approval_request("server", "search_documentation", query),
        )
    approval = request.approvals[-1]
    if not approval.approved:
        return say(
            f"The call of {approval.name} was rejected, so I cannot answer. "
            f"{approval.reason}".strip()
        )
    return together(
        mcp_call(
            "server",
            approval.name,
            json.loads(approval.arguments),
            IMPORTS,
            approval_request_id=approval.id,
        ),
        say(IMPORTS),
    )


RULES = [github, documentation]
