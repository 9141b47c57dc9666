"""The offline model: a real HTTP server that stands in for OpenAI's API.

Samples know nothing of it. Their workers find it by `OPENAI_BASE_URL`, and the real clients talk
to it. See `server.py` for how to run it and `answers/` for what it says.
"""
