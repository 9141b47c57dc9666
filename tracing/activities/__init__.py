"""Activities: the I/O that workflows must not do."""
