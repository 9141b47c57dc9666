"""Workflows that take arguments of every kind, for test_arguments.py."""

from dataclasses import dataclass

from pydantic import BaseModel, Field
from temporalio import workflow


class Order(BaseModel):
    """A pydantic model with a limit and a default."""

    item: str
    quantity: int = Field(default=1, ge=1)


@dataclass
class Address:
    """A plain dataclass."""

    street: str
    number: int


@workflow.defn
class Shop:
    """Collects orders until it is closed."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.closed = False

    @workflow.run
    async def run(self, first: Order, address: Address | None = None, rounds: int = 0) -> str:
        """Return what was ordered; with `rounds` left, continue as new first."""
        self.orders.append(first)
        await workflow.wait_condition(lambda: self.closed or rounds > 0)
        if rounds:
            workflow.continue_as_new(args=[first, address, rounds - 1])
        street = address.street if address else "nowhere"
        return f"{', '.join(order.item for order in self.orders)} to {street}"

    @workflow.update
    async def add(self, order: Order, gift: bool = False) -> int:
        """Add an order; the handler has no validator."""
        self.orders.append(order)
        return len(self.orders)

    @workflow.update
    async def add_checked(self, order: Order, gift: bool = False) -> int:
        """Add an order; the handler has a validator."""
        self.orders.append(order)
        return len(self.orders)

    @add_checked.validator
    def validate_add_checked(self, order: Order, gift: bool = False) -> None:
        """Reject items that are not for sale."""
        if order.item == "moon":
            raise ValueError("the moon is not for sale")

    @workflow.update
    async def decode(self, count: int = 1) -> str:
        """Decode without a hint in the handler; the hint of `count` does not apply."""
        converter = workflow.payload_converter()
        [value] = converter.from_payloads(converter.to_payloads(["text"]))
        return str(value)

    @workflow.query
    def is_open(self) -> bool:
        """Return whether the run has its first order: updates may be handled before that."""
        return bool(self.orders)

    @workflow.signal
    async def order(self, order: Order, loud: bool = False) -> None:
        """Add an order."""
        self.orders.append(order)

    @workflow.signal
    def close(self) -> None:
        """Let the run complete."""
        self.closed = True


@workflow.defn
class Stall:
    """A workflow whose `__init__` receives the arguments of the run."""

    @workflow.init
    def __init__(self, first: Order, rounds: int = 0) -> None:
        self.sold = first.item

    @workflow.run
    async def run(self, first: Order, rounds: int = 0) -> str:
        """Return what was sold."""
        return self.sold
