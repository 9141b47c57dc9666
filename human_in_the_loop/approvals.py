"""The approvals of one workflow: calls, decisions, and edits, kept in workflow state."""

from durable_agents import InvalidInput, encoded_size
from durable_agents.messages import update_id

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

from agents import FunctionTool, RunState, ToolApprovalItem
from agents.tool_context import ToolContext
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from pydantic import JsonValue
from temporalio import workflow

from human_in_the_loop.errors import AlreadyDecided, StaleDecision, UnknownCall
from human_in_the_loop.models import (
    Decision,
    DecisionRequest,
    PausedRun,
    PendingCall,
    Verdict,
)
from human_in_the_loop.search_attribute import update_for

DEFAULT_TIMEOUT = timedelta(days=7)
MAX_TIMEOUT = timedelta(days=365)
MAX_ARGUMENTS_LENGTH = 10_000  # characters that a person is asked to read
MAX_PENDING = 32  # calls
PAUSES_PER_RUN = 20
TIMED_OUT = "No decision was made in time."
UNREADABLE = (
    f"Rejected unread: the limit is {MAX_PENDING} pending calls, each with "
    f"{MAX_ARGUMENTS_LENGTH:,} characters of arguments."
)


class Approvals:
    """The calls that the agent run is paused for, and all decisions of the workflow.

    Args:
        state: The state that an earlier run of the workflow passed on.
    """

    def __init__(self, state: PausedRun | None) -> None:
        self._calls = {call.id: call for call in state.calls} if state else {}
        self._decided = {decision.id: decision for decision in state.decided} if state else {}
        self._earlier = list(state.earlier) if state else []
        self._schemas: dict[str, dict[str, JsonValue]] = {}
        self._edits: dict[str, str] = {}
        self._pauses = 0

    @property
    def pending(self) -> list[PendingCall]:
        """The calls without a decision."""
        return [call for call in self._calls.values() if call.id not in self._decided]

    @property
    def decisions(self) -> list[Decision]:
        """All decisions, in order."""
        return [*self._earlier, *self._decided.values()]

    def to_state(self, run_state: RunState) -> PausedRun:
        """Return the state for the next run of the workflow."""
        return PausedRun(
            run_state=run_state.to_string(),
            calls=list(self._calls.values()),
            decided=list(self._decided.values()),
            earlier=self._earlier,
        )

    def editable(self, tool: FunctionTool) -> FunctionTool:
        """Return `tool`; an edited call of it runs the edited arguments, and the model reads them.

        The Agents SDK can approve or reject a call, but not change it. Tool names must be unique
        among all agents of the workflow.
        """
        call, self._schemas[tool.name] = tool.on_invoke_tool, tool.params_json_schema

        async def call_as_decided(context: ToolContext[None], arguments: str) -> object:
            edited = self._edits.get(context.tool_call_id)
            if edited is None:
                return await call(context, arguments)
            result = await call(context, edited)
            return f"A person changed the arguments to {edited}. Result: {result}"

        return replace(tool, on_invoke_tool=call_as_decided)

    def ask_for(self, items: list[ToolApprovalItem], timeout: timedelta) -> None:
        """Ask for decisions on `items`; reject those above the limits at once."""
        self._earlier, self._decided, self._calls = self.decisions, {}, {}
        self._pauses, now = self._pauses + 1, workflow.now()
        for item in items:
            call = PendingCall(
                id=str(item.call_id),
                digest=digest(item),
                tool=str(item.tool_name),
                agent=item.agent.name,
                arguments=item.arguments or "{}",
                requested_at=now,
                deadline=now + timeout,
            )
            self._calls[call.id] = call
            if len(call.arguments) > MAX_ARGUMENTS_LENGTH or len(self.pending) > MAX_PENDING:
                self._record(call, "reject", UNREADABLE)
        self._publish()

    def is_run_full(self) -> bool:
        """Return whether to continue as new, with calls pending, before the history is too long."""
        full = self._pauses >= PAUSES_PER_RUN
        return full or workflow.info().is_continue_as_new_suggested()

    async def decide_all(self, run_state: RunState) -> None:
        """Wait until every call is decided, and pass the decisions to the paused agent run.

        At the deadline, the calls without a decision are rejected.
        """
        deadlines = [call.deadline - workflow.now() for call in self.pending]
        timeout = max(min(deadlines, default=timedelta()), timedelta())
        try:
            await workflow.wait_condition(lambda: not self.pending, timeout=timeout)
        except TimeoutError:
            for call in self.pending:
                self._record(call, "reject", TIMED_OUT)
            self._publish()
        self._apply(run_state)

    def validate(self, request: DecisionRequest) -> None:
        """Check that a decision can be accepted.

        Raises:
            AlreadyDecided: A person or the deadline was first. A resent update is accepted.
            UnknownCall, StaleDecision: No such call is pending.
            InvalidInput: The edited arguments do not fit the tool's schema.
        """
        call, decision = self._calls.get(request.id), self._find(request.id)
        if decision and decision.update_id == update_id():
            return
        if decision:
            raise AlreadyDecided(decision)
        if call is None:
            raise UnknownCall(request.id)
        if call.digest != request.digest:
            raise StaleDecision(request.id)
        if request.edited_arguments is not None:
            self._check_arguments(call.tool, request.edited_arguments)

    def decide(self, request: DecisionRequest) -> Decision:
        """Record a decision that is valid, and return it."""
        decision = self._find(request.id)
        if decision is None:
            call, edited = self._calls[request.id], request.edited_arguments
            message = request.message
            if request.verdict == "reject":
                message = message or "A person rejected this call."
            arguments = None if edited is None else json.dumps(edited, ensure_ascii=False)
            decision = self._record(call, request.verdict, message, arguments, request.by)
            self._publish()
        return decision

    def _apply(self, run_state: RunState) -> None:
        self._edits = {}
        for item in run_state.get_interruptions():
            decision = self._decided.get(str(item.call_id))
            if decision is None or decision.arguments is None:
                reason = decision.message if decision else TIMED_OUT
                run_state.reject(item, rejection_message=reason)
                continue
            run_state.approve(item)
            if decision.verdict == "edit":
                self._edits[decision.id] = decision.arguments

    def _find(self, id: str) -> Decision | None:
        """Return the decision on a call. The Agents SDK runs a call id once."""
        return next((decision for decision in self.decisions if decision.id == id), None)

    def _record(
        self,
        call: PendingCall,
        verdict: Verdict,
        message: str,
        edited: str | None = None,
        by: str | None = None,
    ) -> Decision:
        decision = self._decided[call.id] = Decision(
            id=call.id,
            tool=call.tool,
            agent=call.agent,
            verdict=verdict,
            proposed_arguments=call.arguments,
            arguments=None if verdict == "reject" else edited or call.arguments,
            message=message,
            by=by,
            at=workflow.now(),
            update_id=update_id() if by else "",
        )
        return decision

    def _check_arguments(self, tool: str, arguments: dict[str, JsonValue]) -> None:
        if encoded_size(arguments) > MAX_ARGUMENTS_LENGTH:
            raise InvalidInput(f"edited_arguments exceed {MAX_ARGUMENTS_LENGTH:,} bytes")
        validator = Draft202012Validator(self._schemas[tool])
        if problem := best_match(validator.iter_errors(arguments)):
            where = problem.json_path.replace("$", "edited_arguments", 1)
            raise InvalidInput(f"{where}: {problem.message[:300]}")

    def _publish(self) -> None:
        workflow.upsert_search_attributes([update_for(self.pending)])


def digest(item: ToolApprovalItem) -> str:
    """Return a digest of a call's id, tool, and arguments, which does not depend on formatting."""
    try:
        arguments = json.dumps(json.loads(item.arguments or "{}"), sort_keys=True)
    except ValueError:
        arguments = str(item.arguments)
    text = json.dumps([item.call_id, item.tool_name, arguments])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def check_timeout(timeout: timedelta) -> None:
    """Raise InvalidInput if `timeout` is not positive, or exceeds a year."""
    if not timedelta() < timeout <= MAX_TIMEOUT:
        raise InvalidInput(
            f"decision_timeout is {timeout}; it must be positive and at most 365 days"
        )
