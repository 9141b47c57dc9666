"""Tests of customer_service/."""
