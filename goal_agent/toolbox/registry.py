"""The tools that goals may name. One entry here is all that a new tool takes."""

from goal_agent.toolbox.definition import ToolDefinition
from goal_agent.toolbox.events import FindEvents
from goal_agent.toolbox.flights import SearchFlights
from goal_agent.toolbox.invoices import CreateInvoice

TOOLS = {
    tool.name: tool
    for tool in (
        ToolDefinition(
            name="find_events",
            description="Finds what is on in a city in a month.",
            arguments=FindEvents,
        ),
        ToolDefinition(
            name="search_flights",
            description="Searches flights there and back.",
            arguments=SearchFlights,
        ),
        ToolDefinition(
            name="create_invoice",
            description="Creates an invoice, which goes to an email address.",
            arguments=CreateInvoice,
            spends=True,
        ),
    )
}
