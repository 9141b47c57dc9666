"""The engine: answers requests with the rules, the fallback, or a fault."""

import itertools
import json
import secrets
from dataclasses import dataclass

from offline_model import fallback, responses_api
from offline_model.answers import load_rules
from offline_model.api_errors import malformed_is_rejected
from offline_model.conversations import Conversations, checked
from offline_model.faults.replies import faulty_reply
from offline_model.json_text import Json, text_of
from offline_model.model_reply import Reply
from offline_model.model_request import ModelRequest
from offline_model.vector_stores_api import VectorStores


@dataclass(frozen=True)
class Answer:
    """A response, and whether the fault fitted the request."""

    response: Json
    faulty: bool


class Engine:
    """Answers requests to the Responses API."""

    def __init__(self, stores: VectorStores) -> None:
        self.conversations = Conversations()
        self._stores = stores
        self._rules = load_rules()
        self._numbers = itertools.count(1)
        # Ids must not repeat within a conversation that outlives this server.
        self._run = secrets.token_hex(4)

    def answer(self, body: Json, fault: str | None = None, size: int = 0) -> Answer:
        """Answer a request of `size` bytes, with a kind of fault.

        Raises:
            ApiError: The request is rejected.
        """
        with malformed_is_rejected():
            given = responses_api.input_items(body)
            earlier = self.conversations.up_to(body.get("previous_response_id"))
            items = checked(earlier + given, self.conversations)
            request = ModelRequest.of(body, items, self._stores)
        faulty = faulty_reply(fault, request, self._reply_to) if fault else None
        reply = self._reply_to(request) if faulty is None else faulty
        number = f"{self._run}{next(self._numbers)}"
        response = responses_api.response(reply, number, _usage(request, reply), body)
        if body.get("store", True):
            self.conversations.add(response, items, size)
        return Answer(response, faulty=faulty is not None)

    def _reply_to(self, request: ModelRequest) -> Reply:
        replies = (rule(request) for rule in self._rules)
        first = next((reply for reply in replies if reply is not None), None)
        return fallback.reply_to(request) if first is None else first


def _usage(request: ModelRequest, reply: Reply) -> Json:
    """Count a token for every four characters of text, as a rule of thumb."""
    schemas = [tool.schema for tool in request.functions]
    texts = [text_of(i["content"]) if "content" in i else str(i) for i in request.items]
    read = (sum(map(len, texts)) + len(request.instructions) + len(json.dumps(schemas))) // 4 + 1
    written = sum(len(str(part)) for part in reply.parts) // 4 + 1
    return {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": read + written,
    }
