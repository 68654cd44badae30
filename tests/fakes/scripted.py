"""A model server that plays a scenario over real HTTP, counts the calls and keeps the requests.

A context manager for tests, and a program for whoever needs it in a process or a pod of its own:

    python tests/fakes/scripted.py good-researcher --port 8000

GET /calls then tells what came. A scenario is a YAML file in scenarios/: what `Scenario` and `Turn` hold.
Each call takes the next turn, and the last one is played again and again; a call that the scenario's `keys`,
`models` or `refuses` turn away takes none. A scenario `by_experiment` has a turn for each experiment instead,
played whenever a prompt asks for that one: a call that was lost costs it nothing.
"""

import argparse
import dataclasses
import json
import re
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

SCENARIOS = Path(__file__).parent / "scenarios"
FINE = '{"answer": "fine"}'  # in scenarios that are about the way to an answer, not about what it says


@dataclass(frozen=True)
class Turn:
    """One answer: a chat completion made of `content`, unless `body` says otherwise.

    `content` that is no string is sent as JSON; `filler` adds so many letters. `after` waits so many seconds
    before the first byte and `drip` between one byte and the next; `hang` never answers, and `drop` closes
    the connection in the middle of the body.
    """

    content: Any = ""
    filler: int = 0
    refusal: str | None = None
    finish: str = "stop"
    usage: dict[str, int] | None = field(
        default_factory=lambda: {"prompt_tokens": 120, "completion_tokens": 30}
    )
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    after: float = 0.0
    drip: float = 0.0
    hang: bool = False
    drop: bool = False

    def saying(self, fine: Sequence[Any]) -> "list[Turn]":
        """A turn for each of `fine`, if it says FINE; itself, if it does not or there are none."""
        said = self.content if isinstance(self.content, str) else json.dumps(self.content)
        if FINE not in said or not fine:
            return [self]
        return [dataclasses.replace(self, content=said.replace(FINE, json.dumps(each))) for each in fine]

    def payload(self, model: str) -> bytes:
        """The body in bytes."""
        if self.body is not None:
            return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()
        text = self.content if isinstance(self.content, str) else json.dumps(self.content)
        message = {"role": "assistant", "content": text + "x" * self.filler, "refusal": self.refusal}
        choice = {"index": 0, "message": message, "finish_reason": self.finish, "logprobs": None}
        document: dict[str, Any] = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": model,
            "choices": [choice],
        }
        if self.usage is not None:
            document["usage"] = self.usage | {"total_tokens": sum(self.usage.values())}
        return json.dumps(document).encode()


@dataclass(frozen=True)
class Scenario:
    """What a server does: `turns` in order, for callers with one of `keys` who ask for one of `models`.

    `refuses` holds answers to requests with a `response_format` of that type or an argument of that name.
    `by_experiment`: turn k answers whoever asks for experiment k.
    """

    about: str
    turns: list[Turn]
    keys: list[str] | None = None
    models: list[str] | None = None
    refuses: dict[str, Turn] = field(default_factory=dict)
    by_experiment: bool = False

    @classmethod
    def named(cls, name: str, fine: Sequence[Any] = ()) -> "Scenario":
        """The one in scenarios/.

        Args:
            name: of the file.
            fine: what is said one after the other where the file says `{answer: fine}`.
        """
        document = yaml.safe_load((SCENARIOS / f"{name}.yaml").read_text())
        written = [Turn(**turn) for turn in document.pop("turns")]
        turns = [each for turn in written for each in turn.saying(fine)]
        refuses = {what: Turn(**turn) for what, turn in document.pop("refuses", {}).items()}
        return cls(turns=turns, refuses=refuses, **document)

    def turned_away(self, key: str, request: dict[str, Any]) -> Turn | None:
        """What a request gets that does not come to a turn, in OpenAI's words."""
        model = request.get("model")
        if self.keys is not None and key not in self.keys:
            shown = f"{key[:8]}********{key[-4:]}"
            return _error(401, f"Incorrect API key provided: {shown}.", "invalid_api_key")
        if self.models is not None and model not in self.models:
            return _error(
                404, f"The model `{model}` does not exist or you do not have access to it.", "model_not_found"
            )
        form = request.get("response_format", {}).get("type")
        return next((turn for what, turn in self.refuses.items() if what == form or what in request), None)

    def turn(self, call: "Call", played: int) -> Turn:
        """What answers a call before which `played` took a turn."""
        number = call.experiment - 1 if self.by_experiment else played
        return self.turns[min(number, len(self.turns) - 1)]


def _error(status: int, message: str, code: str) -> Turn:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return Turn(status=status, body={"error": error})


@dataclass(frozen=True)
class Call:
    """One request to /chat/completions."""

    key: str
    headers: dict[str, str]
    request: dict[str, Any]

    @property
    def experiment(self) -> int:
        """The (first) experiment that the prompt asks for."""
        asked = [re.search(r"^Propose experiments? (\d+)", one["content"], re.M) for one in self.messages]
        return next(int(found[1]) for found in asked if found)

    @property
    def messages(self) -> list[dict[str, str]]:
        """The prompt."""
        return list(self.request["messages"])


class ScriptedServer:
    """Plays a scenario, by name or made by hand, at `url` while it is entered."""

    def __init__(self, scenario: str | Scenario, host: str = "127.0.0.1", port: int = 0) -> None:
        self.scenario = Scenario.named(scenario) if isinstance(scenario, str) else scenario
        self.calls: list[Call] = []
        self.closing = threading.Event()
        self._played = 0
        self._lock = threading.Lock()
        self._http = _Http((host, port), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.005,), daemon=True)

    @property
    def url(self) -> str:
        """What a provider's settings name."""
        return self.url_at("127.0.0.1")

    def url_at(self, host: str) -> str:
        """The same for callers to whom this machine has another address."""
        return f"http://{host}:{self._http.server_port}/v1"

    def __enter__(self) -> "ScriptedServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def take(self, call: Call) -> Turn:
        """Keep a call; what it gets."""
        with self._lock:
            self.calls.append(call)
            turn = self.scenario.turned_away(call.key, call.request)
            if turn is None:
                turn = self.scenario.turn(call, self._played)
                self._played += 1
            return turn


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers that time out leave in the middle, as they should."""


def _handler(server: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path != "/v1/chat/completions":
                return self._send(_error(404, "Not Found", "not_found"), "")
            key = self.headers.get("Authorization", "").removeprefix("Bearer ")
            turn = server.take(Call(key, dict(self.headers), request))
            self._send(turn, str(request.get("model")))

        def do_GET(self) -> None:
            documents = {
                "/v1/models": {
                    "object": "list",
                    "data": [{"id": each} for each in server.scenario.models or []],
                },
                "/calls": {
                    "calls": len(server.calls),
                    "each": [dataclasses.asdict(call) for call in server.calls],
                },
            }
            found = self.path in documents
            self._send(
                Turn(body=documents[self.path]) if found else _error(404, "Not Found", "not_found"), ""
            )

        def _send(self, turn: Turn, model: str) -> None:
            payload = turn.payload(model)
            if turn.hang:
                server.closing.wait()
            server.closing.wait(turn.after)
            self.send_response(turn.status)
            for name, value in {"Content-Type": "application/json", **turn.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            if turn.drop:
                self.wfile.write(payload[: len(payload) // 2])
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
            elif turn.drip:
                for byte in payload:
                    self.wfile.write(bytes([byte]))
                    if server.closing.wait(turn.drip):
                        break
            else:
                self.wfile.write(payload)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: what came is in `calls`."""

    return Handler


def main() -> None:
    """Play one scenario until interrupted."""
    parser = argparse.ArgumentParser(description="Play a scenario as an OpenAI-compatible server.")
    parser.add_argument("scenario", choices=sorted(path.stem for path in SCENARIOS.glob("*.yaml")))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    with ScriptedServer(arguments.scenario, arguments.host, arguments.port) as server:
        print(server.url, flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
