"""List what the nursery sells, which only build v2 asks for."""

from temporalio import activity

STOCK = ("ferns", "mint", "tomatoes", "lavender")


@activity.defn
async def list_stock() -> list[str]:
    """Return the plants that are in stock."""
    return list(STOCK)
