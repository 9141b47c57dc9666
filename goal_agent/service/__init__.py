"""The agent over HTTP: an API for programs and a page for people, on one FastAPI app."""
