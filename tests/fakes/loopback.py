"""An HTTP server on loopback that serves a folder, and can break off in the middle of a file."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Loopback:
    """What it serves; `asked` holds the path of every request, `cut` the names of files that break off."""

    folder: Path
    address: str = ""
    asked: list[str] = field(default_factory=list)
    cut: set[str] = field(default_factory=set)

    def put(self, path: str, data: bytes) -> None:
        """Publish a file."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


@contextmanager
def loopback(folder: Path) -> Iterator[Loopback]:
    """Serve a folder for a while."""
    served = Loopback(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0].lstrip("/")
            served.asked.append(path)
            place = folder / path
            if not place.is_file():
                self.send_error(404)
                return
            data = place.read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if Path(path).name in served.cut else data)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
