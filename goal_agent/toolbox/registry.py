"""The registry of tools. A new tool is one entry here."""

from goal_agent.toolbox.definition import ToolDefinition
from goal_agent.toolbox.events import FindEvents
from goal_agent.toolbox.flights import SearchFlights
from goal_agent.toolbox.invoices import CreateInvoice

_ALL = (
    ToolDefinition(
        name="find_events", description="Finds events in a city in a month.", arguments=FindEvents
    ),
    ToolDefinition(
        name="search_flights", description="Searches round-trip flights.", arguments=SearchFlights
    ),
    ToolDefinition(
        name="create_invoice",
        description="Creates an invoice and sends it to an email address.",
        arguments=CreateInvoice,
        spends=True,
    ),
)
TOOLS = {tool.name: tool for tool in _ALL}
