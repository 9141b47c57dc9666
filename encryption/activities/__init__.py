"""Activities: what the agent does outside the workflow."""

from encryption.activities.payments import list_payments

__all__ = ["list_payments"]
