"""A cloud in which a pod's token is worth a role's temporary keys: STS and a store behind one address."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

KEY, SESSION = "ASIATEMPORARY", "the-session"
_ANSWER = f"""<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>{KEY}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
<SessionToken>{SESSION}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"""


@dataclass
class Cloud:
    """Its endpoint, what STS was asked, and who wrote into the store."""

    endpoint: str = ""
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    writers: list[tuple[str, str | None]] = field(default_factory=list)


@contextmanager
def cloud() -> Iterator[Cloud]:
    """STS answers POST, the store takes every PUT."""
    found = Cloud()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            found.asked.append(parse_qs(self.body().decode()))
            self.answer(_ANSWER.encode())

        def do_PUT(self) -> None:
            self.body()
            key = self.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
            found.writers.append((key, self.headers["X-Amz-Security-Token"]))
            self.answer()

        def body(self) -> bytes:
            return self.rfile.read(int(self.headers["Content-Length"]))

        def answer(self, data: bytes = b"") -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        found.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        yield found
        server.shutdown()
