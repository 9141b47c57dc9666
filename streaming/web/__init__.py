"""The chat over HTTP: a page, and server-sent events for any number of tabs."""
