"""How durable agents fail: each failure reproduced with the plain plugin, and shown solved.

Each file in `workflows/` is one failure. It has a `Naive` workflow, as written after reading the
plugin's documentation, and a `Durable` one, with the same agent and the same tools.
"""

# In the order in which `sample fail` lists them.
GROUPS = (
    "Hangs",
    "Money",
    "Lost or repeated",
    "Too large",
    "Stop",
    "Secrets",
    "Deployment",
)
