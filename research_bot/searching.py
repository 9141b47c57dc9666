"""Searches side by side: at most so many at once, each tried again, each accounted for."""

from durable_agents import RUN_ERRORS

import asyncio
from collections.abc import Sequence

from agents import Agent, ModelBehaviorError, Runner
from temporalio import workflow
from temporalio.exceptions import ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from research_bot.causes import cause_of, may_pass
    from research_bot.models import Finding, WebSearchItem
    from research_bot.progress import Progress
    from research_bot.reports import cut
    from tools.citations import cited_pages

MAX_PARALLEL = 5
TRIES = 2

# All findings go to the writer in one message, and to the report; the API's answers may be long.
# Texts in characters:
MAX_TERM_LENGTH = 500
MAX_FINDING_LENGTH = 3_000
MAX_SOURCES = 20  # of a search
MAX_TITLE_LENGTH = 200
MAX_URL_LENGTH = 2_000


async def search_all(
    searcher: Agent[None], searches: Sequence[WebSearchItem], progress: Progress
) -> list[Finding]:
    """Return what the searches found. Those that failed are in `progress.failures`.

    Raises:
        ApplicationError: Of type `TooFewSearches`: fewer than half found something.
    """
    progress.enter("searching")
    progress.planned = len(searches)
    slots = asyncio.Semaphore(MAX_PARALLEL)

    async def search(planned: WebSearchItem) -> Finding | None:
        query, reason = cut(planned.query, MAX_TERM_LENGTH), cut(planned.reason, MAX_TERM_LENGTH)
        item = WebSearchItem(query=query, reason=reason)
        async with slots:
            progress.running += 1
            try:
                finding = await find(searcher, item)
            except RUN_ERRORS as error:
                if is_cancelled_exception(error):
                    raise
                progress.note_failure(item.query, cause_of(error))
                return None
            finally:
                progress.running -= 1
        progress.done += 1
        return finding

    # A cancellation of the workflow ends `gather`, which cancels every search.
    results = await asyncio.gather(*map(search, searches))
    findings = [finding for finding in results if finding]
    if len(findings) * 2 < len(searches):
        causes = "; ".join(f"{failure.query}: {failure.cause}" for failure in progress.failures)
        message = f"{progress.failed} of {len(searches)} searches failed: {causes}"
        raise ApplicationError(message, type="TooFewSearches", non_retryable=True)
    return findings


async def find(searcher: Agent[None], item: WebSearchItem) -> Finding:
    """Search once, and again where a fresh try may help; failed calls are retried by Temporal.

    Raises:
        ActivityError: The model gave no answer.
        Exception: It gave no proper one: one of `RUN_ERRORS`.
    """
    message = f"Search term: {item.query}\nReason for searching: {item.reason}"
    for tries_left in reversed(range(TRIES)):
        try:
            result = await Runner.run(searcher, message, max_turns=3)
            text = result.final_output_as(str)
            if not text.strip():
                raise ModelBehaviorError("The search was summed up with no word")
            break
        except RUN_ERRORS as error:
            if not tries_left or not may_pass(error):
                raise
            workflow.logger.warning("Searching again: %s", cause_of(error))
    pages = [
        (url, title) for url, title in cited_pages(result).items() if len(url) <= MAX_URL_LENGTH
    ]
    sources = {url: cut(title, MAX_TITLE_LENGTH) for url, title in pages[:MAX_SOURCES]}
    if len(text) > MAX_FINDING_LENGTH:
        text = f"{text[:MAX_FINDING_LENGTH]} … (cut: the summary has {len(text):,} characters)"
    return Finding(item.query, text, sources)
