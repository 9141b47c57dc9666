"""The offline model: a local HTTP server that speaks OpenAI's API with scripted answers.

    with OfflineModel() as model:
        client = OpenAI(base_url=model.base_url, api_key="offline")

Samples reach it through `OPENAI_BASE_URL` and the real clients. `server.py` runs it, `answers/`
holds the scripted answers, `faults/` what it can do wrong on purpose. See README.md.
"""
