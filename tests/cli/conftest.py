import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from ftcrm.contracts import Message, Verdict, judge
from ftcrm.contracts.views import findings_view

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def examples() -> Path:
    return EXAMPLES


@pytest.fixture(scope="session")
def bet() -> bytes:
    """A clean Bet, as one line."""
    return (EXAMPLES / "scenario-a.jsonl").read_bytes().splitlines()[0]


@pytest.fixture
def refused_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def feed() -> Iterator[str]:
    """The URL of a server that answers as the contract wants: 200, or 400 with the findings of a violation."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            judgement = judge(Message("rest", raw, self.path.rpartition("/")[2].upper()))
            findings = findings_view(judgement.findings)
            refused = judgement.verdict in (Verdict.VIOLATION, Verdict.UNREADABLE)
            answer = {"error": {"message": "it breaks the contract", "findings": findings}} if refused else {}
            body = msgspec.json.encode(answer)
            self.send_response(400 if refused else 200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listener.server_port}"
        listener.shutdown()
        thread.join()


@pytest.fixture
def changed(bet: bytes):
    """A function that makes the clean Bet with other values."""

    def change(**values: object) -> bytes:
        return json.dumps(json.loads(bet) | values).encode()

    return change
