"""Scrubbing removes the traces of this machine from a history."""

import base64
import json
import os
import socket
import sys
from pathlib import Path

from sample_cli.catalog import ROOT
from sample_cli.record import (
    Json,
    machine_replacements,
    scrub,
)

HOST = socket.gethostname()
ME = f"{os.getpid()}@{HOST}"


def scrubbed(value: Json) -> Json:
    return scrub(value, machine_replacements(ROOT))


def test_identities_hosts_and_processes_are_scrubbed() -> None:
    event: Json = {
        "identity": "somebody",
        "stickyTaskQueue": {"name": f"{ME}-0a1b2c", "normalName": "queue"},
        "workerVersion": {"buildId": "/tmp/build"},
        "binaryChecksum": "abc",
        "message": f"no answer from {HOST}:80, said {ME}",
    }
    assert scrubbed(event) == {
        "identity": "sample",
        "stickyTaskQueue": {"name": "sample", "normalName": "queue"},
        "message": "no answer from host:80, said sample",
    }


def test_host_name_inside_another_word_is_kept() -> None:
    assert scrubbed([f"x{HOST}", f"{HOST}x", f"my-{HOST}"]) == [
        f"x{HOST}",
        f"{HOST}x",
        f"my-{HOST}",
    ]


def test_paths_are_scrubbed_from_text_and_payloads() -> None:
    traceback = f"File {ROOT}/basic/run.py, {sys.prefix}/lib/x.py, {Path.home()}/y"
    plain = scrubbed({"stackTrace": traceback})
    assert plain == {"stackTrace": "File /src/basic/run.py, /python/lib/x.py, /home/user/y"}
    data = base64.b64encode(json.dumps({"file": f"{ROOT}/a.png"}).encode()).decode()
    payload = scrubbed({"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": data})
    assert isinstance(payload, dict)
    assert base64.b64decode(str(payload["data"])) == b'{"file": "/src/a.png"}'


def test_binary_payloads_are_kept() -> None:
    data = base64.b64encode(b"\xff\xfe picture").decode()
    payload: Json = {"metadata": {}, "data": data}
    assert scrubbed(payload) == payload
