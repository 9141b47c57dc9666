"""Workflows of customer_service/."""
