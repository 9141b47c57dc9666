"""What workflows may not do themselves: input and output."""
