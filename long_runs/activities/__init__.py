"""Activities: the I/O that workflow code must not do."""

from long_runs.activities.reports import look_up_load, read_report

__all__ = ["look_up_load", "read_report"]
