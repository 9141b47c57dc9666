"""Scripted answers for streaming/."""

import re

from offline_model.model_reply import Reply, say
from offline_model.model_request import ModelRequest

STORY = """\
Once there was {a} {subject} that nobody had visited for eleven years. Every evening, a girl named \
Ines walked past it on her way home, and every evening she promised herself to look closer the \
next day.

On the longest night of winter the wind took her lamp. Between two gusts she saw a light inside \
the {subject}, small and steady, as if someone were reading. She knocked. An old man opened, \
looked at her wet coat, and said: "You are late. I have kept your chair warm since spring."

They talked until morning. He knew how the tides had moved the village, stone by stone, and which \
of its stories were true. When the sun rose, he was gone, and on the chair lay a ring of keys with \
her name on it.

Since then, anyone who passes the {subject} at night sees a light."""

SEQUEL = """\
The next winter, a boy knocked at the {subject}. Ines opened with a book in her hand. "You are \
late," she said, and moved the second chair closer to the fire. Outside, the wind tried every \
window, one after the other, and found them all shut."""


def story(request: ModelRequest) -> Reply | None:
    """Tell a story about the subject of the message, or continue the last one."""
    if "You are a storyteller" not in request.instructions:
        return None
    text = " ".join(str(item.get("content")) for item in request.items if "role" in item)
    subjects = re.findall(r"story about (?:a |an |the )?(\w+)", text)
    subject = subjects[-1] if subjects else "house"
    if "story about" not in request.user_text and subjects:
        return say(SEQUEL.format(subject=subject))
    return say(STORY.format(a="an" if subject[0] in "aeiou" else "a", subject=subject))


RULES = [story]
