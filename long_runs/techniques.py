"""The settings of client and worker for each technique that keeps a long turn's history small.

A codec and a storage belong to a client, and `ModelInputPlugin` to a worker, so each technique has
its own worker and task queue here. An application chooses one, and has one queue.
"""

from durable_agents.model_input import ModelInputPlugin

import os
from pathlib import Path
from typing import TypedDict, get_args

from temporalio.converter import DataConverter, ExternalStorage
from temporalio.worker import Plugin

from long_runs import TASK_QUEUE
from long_runs.blob_store import ChunkedStorage
from long_runs.compression import CompressionCodec
from long_runs.models import Technique

DEFAULT: Technique = "query"
TECHNIQUES: tuple[Technique, ...] = get_args(Technique)

MIN_STORED_BYTES = 1_000
"""Smaller payloads stay in history. The SDK's default is 256 KiB."""


class ConnectOptions(TypedDict, total=False):
    """Arguments of `connect()`, for workers and for starters."""

    data_converter: DataConverter


def task_queue(technique: Technique) -> str:
    """Return the task queue of a technique's worker."""
    return TASK_QUEUE if technique == DEFAULT else f"{TASK_QUEUE}-{technique}"


def connect_options(technique: Technique) -> ConnectOptions:
    """Return what a technique changes about the client."""
    if technique == "compression":
        return {"data_converter": DataConverter(payload_codec=CompressionCodec())}
    if technique == "storage":
        storage = ExternalStorage(
            drivers=[ChunkedStorage(store_folder())], payload_size_threshold=MIN_STORED_BYTES
        )
        return {"data_converter": DataConverter(external_storage=storage)}
    return {}


def worker_plugins(technique: Technique) -> list[Plugin]:
    """Return what a technique changes about the worker."""
    return [ModelInputPlugin()] if technique == "query" else []


def store_folder() -> Path:
    """Return the folder of the technique "storage": `BLOB_FOLDER`, or one in this topic."""
    return Path(os.environ.get("BLOB_FOLDER") or Path(__file__).parent / "data" / "blobs")
