"""A collector that stores the spans it receives by OTLP, over gRPC or HTTP."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import grpc  # type: ignore[import-untyped]
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Receiver(TraceServiceServicer):
    """Stores received spans.

    Attributes:
        spans: The spans, in order of arrival.
        services: The names of the services that sent them.
        headers: The headers of the last HTTP request, and its path as `path`.
        endpoint: The address for `OTEL_EXPORTER_OTLP_ENDPOINT`.
    """

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.services: set[str] = set()
        self.headers: dict[str, str] = {}
        self.endpoint = ""

    def Export(
        self, request: ExportTraceServiceRequest, context: grpc.ServicerContext
    ) -> ExportTraceServiceResponse:
        self.store(request)
        return ExportTraceServiceResponse()

    def store(self, request: ExportTraceServiceRequest) -> None:
        """Store the spans of a request."""
        for resource in request.resource_spans:
            for attribute in resource.resource.attributes:
                if attribute.key == "service.name":
                    self.services.add(attribute.value.string_value)
            self.spans += [span for scope in resource.scope_spans for span in scope.spans]

    def one_tree(self) -> Span:
        """Return the root span. Check for one trace, and no duplicates or orphans."""
        known = {span.span_id for span in self.spans}
        assert len(known) == len(self.spans), "duplicate span"
        assert len({span.trace_id for span in self.spans}) == 1, "more than one trace"
        [root] = [span for span in self.spans if span.parent_span_id not in known]
        assert not root.parent_span_id, "orphaned span"
        return root


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a gRPC collector on a free port while the block runs."""
    receiver = Receiver()
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    add_TraceServiceServicer_to_server(receiver, server)  # type: ignore[no-untyped-call]
    receiver.endpoint = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield receiver
    finally:
        server.stop(None).wait()


@contextmanager
def receiving_over_http() -> Iterator[Receiver]:
    """Run an HTTP collector on a free port while the block runs."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.headers["path"] = self.path
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.store(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.endpoint = f"http://127.0.0.1:{server.server_port}/collect"
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
