"""The workflow at other revisions than workflows/deploy.py, which is v2."""
