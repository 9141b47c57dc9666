"""Extract the web pages that an answer cites."""

from agents import RunResult
from openai.types.responses import ResponseOutputMessage, ResponseOutputText
from openai.types.responses.response_output_text import AnnotationURLCitation


def cited_pages(result: RunResult) -> dict[str, str]:
    """Return the pages cited by the messages of a run: their titles, by URL."""
    items = [item.raw_item for item in result.new_items]
    messages = [item for item in items if isinstance(item, ResponseOutputMessage)]
    parts = [part for message in messages for part in message.content]
    texts = [part for part in parts if isinstance(part, ResponseOutputText)]
    citations = [citation for text in texts for citation in text.annotations]
    pages = [page for page in citations if isinstance(page, AnnotationURLCitation)]
    return {page.url: page.title for page in pages}
