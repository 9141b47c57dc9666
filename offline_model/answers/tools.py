"""Scripted answers for tools/."""

import base64
import re
from itertools import accumulate, repeat

from offline_model.model_reply import (
    Page,
    Reply,
    code_interpreter,
    file_search,
    image_generation,
    say,
    say_citing,
    together,
    web_search,
)
from offline_model.model_request import ModelRequest

BRIDGES = {
    "New York": (
        "High Bridge over the Harlem River, finished in 1848, is the oldest bridge in New York "
        "still standing. It reopened to pedestrians in 2015.",
        Page(
            "High Bridge (New York City)",
            "https://en.wikipedia.org/wiki/High_Bridge_(New_York_City)",
        ),
    ),
    "Prague": (
        "Charles Bridge over the Vltava, finished in 1402, is the oldest bridge in Prague. "
        "It is open to pedestrians only.",
        Page("Charles Bridge", "https://en.wikipedia.org/wiki/Charles_Bridge"),
    ),
}

YEARS_OF_RENT = """\
rent, total = {rent}, 0
for year in range({years}):
    total += 12 * rent
    rent *= 1 + {percent} / 100
print(f"{{total:,.2f}}")"""


def oldest_bridge(request: ModelRequest) -> Reply | None:
    """Answer with the oldest bridge of a known city, and cite its page."""
    if "Cite the source page of each fact" not in request.instructions:
        return None
    place = (request.hosted["web_search"][0].get("user_location") or {}).get("city")
    if place not in BRIDGES or not re.search("bridge.*oldest", request.user_text):
        return None
    answer, page = BRIDGES[place]
    query = f"oldest bridge still in use {place}"
    return together(web_search(query, page), say_citing(f"(offline model) {answer}", page))


def years_of_rent(request: ModelRequest) -> Reply | None:
    """Compute the total of a rent that rises every year."""
    if "out in Python" not in request.instructions:
        return None
    question = re.search(
        r"rent is ([\d,.]+) a month and rises by ([\d.]+) ?%.*?(\d+) years", request.user_text
    )
    if not question:
        return None
    rent, percent, years = question[1].replace(",", ""), question[2], int(question[3])
    yearly = accumulate(repeat(1 + float(percent) / 100, years), lambda a, b: a * b)
    total = 12 * float(rent) * sum([1.0, *yearly][:years])
    code = YEARS_OF_RENT.format(rent=rent, years=years, percent=percent)
    answer = f"(offline model) In {years} years you pay {total:,.2f} in total."
    return together(code_interpreter(code, f"{total:,.2f}\n"), say(answer))


def from_the_handbook(request: ModelRequest) -> Reply | None:
    """Quote the paragraph that matches the question best."""
    if "only from the documents" not in request.instructions:
        return None
    found = request.search_files(request.user_text)
    searched = file_search([request.user_text], found)
    if not found:
        return together(searched, say("(offline model) The documents do not contain the answer."))
    return together(searched, say_citing(f"(offline model) {found[0].text}", found[0]))


def picture(request: ModelRequest) -> Reply | None:
    """Draw hills for any prompt."""
    if "Generate one image" not in request.instructions:
        return None
    from offline_model.images import draw  # imports Pillow

    drawn = base64.b64encode(draw(request.user_text)).decode()
    text = "(offline model) Some hills, the only subject I can draw."
    return together(image_generation(drawn), say(text))


RULES = [oldest_bridge, years_of_rent, from_the_handbook, picture]
