"""From a request to an answer: conversation, rules, autopilot, misbehaviour."""

import itertools
import json
import secrets
from dataclasses import dataclass

from offline_model import autopilot, responses_api
from offline_model.answers import load_rules
from offline_model.api_errors import malformed_is_refused
from offline_model.conversations import Conversations
from offline_model.item_checks import checked
from offline_model.json_text import Json, text_of
from offline_model.misbehaviour import misbehave
from offline_model.model_reply import Reply
from offline_model.model_request import ModelRequest
from offline_model.nested import unfold
from offline_model.vector_stores_api import VectorStores


@dataclass(frozen=True)
class Answer:
    """A response, and whether the misbehaviour asked for made sense."""

    response: Json
    misbehaved: bool


class Engine:
    """Answers requests to the Responses API."""

    def __init__(self, stores: VectorStores) -> None:
        self.conversations = Conversations()
        self._stores = stores
        self._rules = load_rules()
        self._numbers = itertools.count(1)
        # Ids of another run of this server must not come again in a conversation that goes on.
        self._run = secrets.token_hex(4)

    def answer(self, request: Json, misbehaviour: str | None = None, size: int = 0) -> Answer:
        """Answer a request.

        Args:
            request: The body of a request to the Responses API.
            misbehaviour: A kind of fault.
            size: Of the request, in bytes.

        Raises:
            ApiError: The request is refused.
        """
        with malformed_is_refused():
            given = responses_api.input_items(request)
            items = self.conversations.up_to(request.get("previous_response_id")) + given
            items = checked(items, self.conversations)
            seen = ModelRequest.of(request, unfold(items), self._stores.files, self._stores)
        wrong = misbehave(misbehaviour, seen, self._reply_to) if misbehaviour else None
        reply = self._reply_to(seen) if wrong is None else wrong
        number = f"{self._run}{next(self._numbers)}"
        answer = Answer(
            responses_api.response(reply, number, _usage(seen, reply), request),
            misbehaved=wrong is not None,
        )
        if request.get("store", True):
            self.conversations.keep(answer.response, items, size)
        return answer

    def _reply_to(self, seen: ModelRequest) -> Reply:
        replies = (rule(seen) for rule in self._rules)
        first = next((reply for reply in replies if reply is not None), None)
        return autopilot.reply_to(seen) if first is None else first


def _usage(seen: ModelRequest, reply: Reply) -> Json:
    """Count a token for every four characters, as a rule of thumb. Images are not counted."""
    schemas = [tool.schema for tool in (*seen.tools.values(), *seen.handoffs.values())]
    texts = [text_of(item["content"]) if "content" in item else str(item) for item in seen.items]
    taken = sum(map(len, texts)) + len(seen.instructions) + len(json.dumps(schemas))
    given = sum(len(str(part)) for part in reply.parts)
    read, written = taken // 4 + 1, given // 4 + 1
    return {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": read + written,
    }
