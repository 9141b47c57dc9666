"""Tool calls that wait days for a person, who approves, edits, or rejects each of them.

The wait survives worker restarts and continue-as-new. No decision in time counts as a rejection.
"""

from durable_agents import require_text

from datetime import timedelta

from agents import RunConfig, Runner, RunState
from agents.models import get_default_model
from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from human_in_the_loop.approvals import DEFAULT_TIMEOUT, Approvals, check_timeout
    from human_in_the_loop.models import Decision, DecisionRequest, Outcome, PausedRun, PendingCall
    from human_in_the_loop.support_agents import build_clerk


@workflow.defn
class ApprovalsWorkflow:
    """Handles a request; people decide on the tool calls that need approval."""

    @workflow.init  # otherwise, an update that arrives first would find no pending calls
    def __init__(
        self,
        request: str = "",
        decision_timeout: timedelta = DEFAULT_TIMEOUT,
        state: PausedRun | None = None,
    ) -> None:
        self._approvals = Approvals(state)
        self._clerk = build_clerk(self._approvals)

    @workflow.run
    async def run(
        self,
        request: str = "",
        decision_timeout: timedelta = DEFAULT_TIMEOUT,
        state: PausedRun | None = None,  # set by the previous run
    ) -> Outcome:
        """Return the answer to `request` and all decisions; wait `decision_timeout` for each."""
        require_text(request, "request", max_length=4_000)
        check_timeout(decision_timeout)
        turn: str | RunState = request
        config = RunConfig()
        if state:
            config.model = get_default_model()  # unset, a restored run bypasses Temporal
            turn = await RunState.from_string(self._clerk, state.run_state)
            await self._approvals.decide_all(turn)
        while True:
            result = await Runner.run(self._clerk, turn, run_config=config)
            if not result.interruptions:
                answer = result.final_output_as(str)
                return Outcome(answer=answer, decisions=self._approvals.decisions)
            turn = result.to_state()
            self._approvals.ask_for(result.interruptions, decision_timeout)
            if self._approvals.is_run_full():
                paused = self._approvals.to_state(turn)
                workflow.continue_as_new(args=[request, decision_timeout, paused])
            await self._approvals.decide_all(turn)

    @workflow.query
    def get_pending_approvals(self) -> list[PendingCall]:
        """Return the calls without a decision."""
        return self._approvals.pending

    @workflow.update
    def decide(self, decision: DecisionRequest) -> Decision:
        """Decide on a pending call."""
        return self._approvals.decide(decision)

    @decide.validator
    def _validate_decision(self, decision: DecisionRequest) -> None:
        self._approvals.validate(decision)
