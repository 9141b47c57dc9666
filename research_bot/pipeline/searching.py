"""Runs the planned searches in parallel, with a concurrency limit, retries, and failure counts."""

from durable_agents import RUN_ERRORS

import asyncio
from collections.abc import Sequence

from agents import Agent, ModelBehaviorError, Runner, RunResult
from temporalio import workflow
from temporalio.exceptions import ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from openai.types.responses import ResponseOutputMessage, ResponseOutputText
    from openai.types.responses.response_output_text import AnnotationURLCitation

    from research_bot.pipeline.errors import describe_error, model_misbehaved
    from research_bot.pipeline.models import Finding, WebSearchItem, truncate
    from research_bot.pipeline.progress import Progress

MAX_PARALLEL_SEARCHES = 5
MAX_ATTEMPTS = 2
MAX_TURNS = 3

# All findings go to the writer in one message, and into the report. Lengths are in characters.
MAX_FINDING_LENGTH = 3_000
MAX_SOURCES = 20  # per search
MAX_TITLE_LENGTH = 200
MAX_URL_LENGTH = 2_000


async def search_all(
    searcher: Agent[None], searches: Sequence[WebSearchItem], progress: Progress
) -> list[Finding]:
    """Run the searches and return their findings; record failed ones in `progress.failures`.

    Raises:
        ApplicationError: `TooFewSearches`: fewer than half of the searches succeeded.
    """
    progress.enter("searching")
    progress.planned = len(searches)
    slots = asyncio.Semaphore(MAX_PARALLEL_SEARCHES)

    async def search(item: WebSearchItem) -> Finding | None:
        async with slots:
            progress.running += 1
            try:
                finding = await search_once(searcher, item)
            except RUN_ERRORS as error:
                if is_cancelled_exception(error):
                    raise
                progress.record_failure(item.query, describe_error(error))
                return None
            finally:
                progress.running -= 1
        progress.done += 1
        return finding

    # Cancelling the workflow cancels `gather`, which cancels every search.
    results = await asyncio.gather(*(search(item) for item in searches))
    findings = [finding for finding in results if finding]
    if len(findings) * 2 < len(searches):
        causes = "; ".join(f"{failure.query}: {failure.cause}" for failure in progress.failures)
        message = f"{progress.failed} of {len(searches)} searches failed: {causes}"
        raise ApplicationError(message, type="TooFewSearches", non_retryable=True)
    return findings


async def search_once(searcher: Agent[None], item: WebSearchItem) -> Finding:
    """Run one search; retry it once if the model misbehaved. Temporal retries failed model calls.

    Raises:
        ActivityError: The model call failed.
        Exception: One of `RUN_ERRORS`: the model's answer is unusable.
    """
    message = f"Search term: {item.query}\nReason for searching: {item.reason}"
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            result = await Runner.run(searcher, message, max_turns=MAX_TURNS)
            text = result.final_output_as(str)
            if not text.strip():
                raise ModelBehaviorError("The search summary is empty")
            break
        except RUN_ERRORS as error:
            if attempt == MAX_ATTEMPTS or not model_misbehaved(error):
                raise
            workflow.logger.warning("Retrying the search: %s", describe_error(error))
    if len(text) > MAX_FINDING_LENGTH:
        text = f"{text[:MAX_FINDING_LENGTH]} … (truncated from {len(text):,} characters)"
    return Finding(item.query, text, cited_sources(result))


def cited_sources(result: RunResult) -> dict[str, str]:
    """Return the titles of the cited pages by URL: at most `MAX_SOURCES`, without overlong URLs."""
    pages = {
        citation.url: truncate(citation.title, MAX_TITLE_LENGTH)
        for item in result.new_items
        if isinstance(item.raw_item, ResponseOutputMessage)
        for part in item.raw_item.content
        if isinstance(part, ResponseOutputText)
        for citation in part.annotations
        if isinstance(citation, AnnotationURLCitation) and len(citation.url) <= MAX_URL_LENGTH
    }
    return dict(list(pages.items())[:MAX_SOURCES])
