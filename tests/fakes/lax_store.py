"""A store that is not as strict as S3: it may ignore If-None-Match, or answer 409 for a while."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def lax_store(collisions: int = 0) -> Iterator[str]:
    """Its endpoint. Conditional writes: the first `collisions` get 409, all later ones overwrite."""
    kept: dict[str, bytes] = {}
    left = [collisions]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["If-None-Match"] and left[0] > 0:
                left[0] -= 1
                return self.answer(409, b"<Error><Code>ConditionalRequestConflict</Code></Error>")
            kept[self.path] = data
            self.answer(200)

        def do_GET(self) -> None:
            if self.path in kept:
                return self.answer(200, kept[self.path])
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

        def answer(self, status: int, data: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
