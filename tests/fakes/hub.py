"""A server on loopback that answers as Hugging Face's hub does, as far as its libraries ask for datasets.

Two kinds of routes: a commit with its files (`/api/datasets/OWNER/NAME[/revision/REVISION]`) and a file's
content (`/datasets/OWNER/NAME/resolve/REVISION/PATH`). What is wrong with a repository is said when it is
added.
"""

import hashlib
import io
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyarrow as pa
import pyarrow.parquet as pq

GATED, PRIVATE = "gated", "private"


@dataclass
class Repository:
    """One commit of a dataset's repository.

    Attributes:
        files: content by path.
        access: empty, GATED, or PRIVATE (which looks like a missing one).
        sent: content that is sent instead of a file's own, by path.
        asked: paths that were downloaded, in order.
        named: the commit's hash; empty: one of its content.
    """

    files: dict[str, bytes]
    access: str = ""
    sent: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    named: str = ""

    @property
    def commit(self):
        """Its hash."""
        if self.named:
            return self.named
        digest = hashlib.sha1()
        for path, content in sorted(self.files.items()):
            digest.update(path.encode() + content)
        return digest.hexdigest()


def parquet(columns, classes=None):
    """A Parquet file of columns, as bytes; `classes`: names by column, written down as `datasets` does."""
    table = pa.table(columns)
    if classes:
        types = {
            name: {"dtype": str(kind), "_type": "Value"}
            for name, kind in zip(table.column_names, table.schema.types, strict=True)
        }
        types |= {name: {"names": names, "_type": "ClassLabel"} for name, names in classes.items()}
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": types}})})
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


class Hub:
    """The server; `repositories` by `owner/name`, each a dict of commits and branches."""

    def __init__(self):
        self.repositories = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"hub": self}))
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def add(self, name, files, access="", sent=None, commit=""):
        """A repository, whose newest commit this becomes."""
        made = Repository(files, access, sent or {}, named=commit)
        self.repositories.setdefault(name, {}).update({"main": made, made.commit: made})
        return made

    def close(self):
        """Stop answering."""
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._answer(body=True)

    def do_HEAD(self):
        self._answer(body=False)

    def _answer(self, body):
        path = self.path.partition("?")[0]
        if found := re.fullmatch(r"/api/datasets/([^/]+/[^/]+)(?:/revision/([^/]+))?", path):
            self._info(found[1], found[2] or "main")
        elif found := re.fullmatch(r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._file(found[1], found[2], found[3], body)
        else:
            self._refuse(404, "EntryNotFound")

    def _commit(self, name, revision):
        """The commit; None once the refusal was sent."""
        commits = self.hub.repositories.get(name)
        if commits is None or commits["main"].access == PRIVATE:
            return self._refuse(401, "RepoNotFound")
        if revision not in commits:
            return self._refuse(404, "RevisionNotFound")
        if commits[revision].access == GATED:
            return self._refuse(401, "GatedRepo")
        return commits[revision]

    def _info(self, name, revision):
        commit = self._commit(name, revision)
        if commit is None:
            return
        siblings = []
        for path, content in commit.files.items():
            one = {"rfilename": path, "size": len(content), "blobId": _git_hash(content)}
            if path.endswith(".parquet"):
                one["lfs"] = {
                    "sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130,
                }  # fmt: skip
            siblings.append(one)
        self._send(200, {"id": name, "sha": commit.commit, "siblings": siblings, "tags": [], "private": False,
                         "downloads": 0, "likes": 0, "disabled": False, "gated": False})  # fmt: skip

    def _file(self, name, revision, path, body):
        commit = self._commit(name, revision)
        if commit is None:
            return
        if path not in commit.files:
            self._refuse(404, "EntryNotFound")
            return
        content = commit.sent.get(path, commit.files[path])
        if body:
            commit.asked.append(path)
        start = int((self.headers.get("Range") or "bytes=0-")[6:].partition("-")[0])
        headers = {
            "ETag": f'"{_git_hash(content)}"',
            "X-Repo-Commit": commit.commit,
            "Accept-Ranges": "bytes",
        }
        self._send(206 if start else 200, content[start:], body, headers)

    def _refuse(self, status, code):
        self._send(status, {"error": code}, headers={"X-Error-Code": code, "X-Error-Message": code})

    def _send(self, status, content, body=True, headers=None):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for key, value in {"Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        if body and self.command == "GET":
            self.wfile.write(data)

    def log_message(self, *args):
        """Say nothing."""


def _git_hash(content):
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
