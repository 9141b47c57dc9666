"""Activities of customer_service/."""
