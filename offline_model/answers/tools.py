"""What the model says in tools/."""

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
from offline_model.pictures import draw

BRIDGES = {
    "New York": (
        "High Bridge over the Harlem River, finished in 1848, is the oldest bridge of New York "
        "that still stands; since 2015 one may walk across it again.",
        Page(
            "High Bridge (New York City)",
            "https://en.wikipedia.org/wiki/High_Bridge_(New_York_City)",
        ),
    ),
    "Prague": (
        "Charles Bridge over the Vltava, finished in 1402, is the oldest bridge of Prague, and "
        "open to people on foot.",
        Page("Charles Bridge", "https://en.wikipedia.org/wiki/Charles_Bridge"),
    ),
}

YEARS_OF_RENT = """\
rent, total = {rent}, 0
for year in range({years}):
    total += 12 * rent
    rent *= 1 + {percent} / 100
print(f"{{total:,.2f}}")"""


def oldest_bridge(seen: ModelRequest) -> Reply | None:
    """Know the oldest bridge of two cities, and where that is written."""
    if "Cite the page behind each fact" not in seen.instructions:
        return None
    place = (seen.hosted["web_search"][0].get("user_location") or {}).get("city")
    if place not in BRIDGES or not re.search("bridge.*oldest", seen.user_text):
        return None
    answer, page = BRIDGES[place]
    query = f"oldest bridge still in use {place}"
    return together(web_search(query, page), say_citing(f"(offline stand-in) {answer}", page))


def years_of_rent(seen: ModelRequest) -> Reply | None:
    """Add up a rent that rises each year."""
    if "out in Python" not in seen.instructions:
        return None
    question = re.search(
        r"rent is ([\d,.]+) a month and rises by ([\d.]+) ?%.*?(\d+) years", seen.user_text
    )
    if not question:
        return None
    rent, percent, years = question[1].replace(",", ""), question[2], int(question[3])
    yearly = accumulate(repeat(1 + float(percent) / 100, years), lambda a, b: a * b)
    total = 12 * float(rent) * sum([1.0, *yearly][:years])
    code = YEARS_OF_RENT.format(rent=rent, years=years, percent=percent)
    answer = f"(offline stand-in) In {years} years you pay {total:,.2f} in all."
    return together(code_interpreter(code, f"{total:,.2f}\n"), say(answer))


def from_the_handbook(seen: ModelRequest) -> Reply | None:
    """Read out the paragraph that fits best."""
    if "from the documents alone" not in seen.instructions:
        return None
    found = seen.search_files(seen.user_text)
    searched = file_search([seen.user_text], found)
    if not found:
        return together(searched, say("(offline stand-in) The documents are silent on that."))
    return together(searched, say_citing(f"(offline stand-in) {found[0].text}", found[0]))


def picture(seen: ModelRequest) -> Reply | None:
    """Draw hills, whatever is asked for."""
    if "Make one picture" not in seen.instructions:
        return None
    drawn = base64.b64encode(draw(seen.user_text)).decode()
    text = "(offline stand-in) Some hills, which are all that I can draw."
    return together(image_generation(drawn), say(text))


RULES = [oldest_bridge, years_of_rent, from_the_handbook, picture]
