"""Activities: the I/O that workflow code must not do."""
