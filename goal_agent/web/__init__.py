"""The agent over HTTP: a JSON API and a web page, in one FastAPI app."""
