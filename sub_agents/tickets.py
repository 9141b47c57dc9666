"""The items of the fleet: support tickets, numbered from 1. Some are blank, as in any inbox."""

_PRODUCTS = ("kettle", "lamp", "toaster", "radio", "drill")
_PROBLEMS = (
    "arrived broken",
    "has not arrived",
    "was charged twice",
    "makes a strange noise",
    "cannot be returned",
    "is not the one in the picture",
    "stopped working after a day",
)
_CUSTOMERS = ("Ada", "Grace", "Linus", "Alan", "Edsger", "Barbara", "Donald", "Frances", "Ken")


def ticket(number: int) -> str:
    """Return the text of a ticket; it is empty if the customer wrote nothing."""
    if number % 50 == 13:
        return ""
    customer = _CUSTOMERS[number % len(_CUSTOMERS)]
    product, problem = _PRODUCTS[number % len(_PRODUCTS)], _PROBLEMS[number % len(_PROBLEMS)]
    return (
        f"{customer}'s {product} {problem}. This is ticket {number}. I have written before and "
        "got no answer. Please tell me what you will do about it, and when."
    )
