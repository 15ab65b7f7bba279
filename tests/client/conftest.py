import os
import select
import socket
import subprocess
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import pytest

RABBITMQ = next(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"), None)
"""Debian's broker itself, past the wrapper that changes to another user."""
START_SECONDS = 60


@pytest.fixture
def refused_port() -> int:
    """A port of this machine that nothing listens on."""
    return _free_port()


@pytest.fixture(scope="session")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a RabbitMQ node of our own, with an Erlang port mapper of our own; both end with the session."""
    if RABBITMQ is None:
        reason = "needs Debian's rabbitmq-server"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("rabbitmq")
    port, mapper_port = _free_port(), _free_port()
    environment = os.environ | {
        "HOME": str(home),
        "ERL_EPMD_PORT": str(mapper_port),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"ftcrm-client-{os.getpid()}@localhost",
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_CONFIG_FILE": str(home / "none"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "generated"),
        "RABBITMQ_PID_FILE": str(home / "pid"),
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(_free_port()),
    }
    mapper = subprocess.Popen(["epmd", "-port", str(mapper_port)], env=environment, stdin=subprocess.DEVNULL)
    broker = subprocess.Popen(
        [RABBITMQ], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        _wait_for(broker, b"Starting broker... completed")
        yield f"amqp://guest:guest@127.0.0.1:{port}"
    finally:
        broker.terminate()
        broker.communicate(timeout=START_SECONDS)
        mapper.terminate()
        mapper.wait(timeout=START_SECONDS)


def _wait_for(broker: subprocess.Popen[bytes], words: bytes) -> None:
    assert broker.stdout is not None
    deadline, seen = time.monotonic() + START_SECONDS, b""
    while words not in seen:
        left = deadline - time.monotonic()
        ready, _, _ = select.select([broker.stdout], [], [], max(left, 0))
        chunk = os.read(broker.stdout.fileno(), 65_536) if ready else b""
        if not chunk:
            pytest.fail(f"RabbitMQ did not start within {START_SECONDS} s: {seen.decode(errors='replace')}")
        seen += chunk


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Exchange(NamedTuple):
    """One request that the recording server was sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class RecordingServer:
    """An HTTP server that records requests and answers what `answers` holds for the path, else 200 and {}.

    `headers` go with every answer.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[Exchange] = []
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.headers: dict[str, str] = {}

    def answer(self, exchange: Exchange) -> tuple[int, bytes]:
        self.requests.append(exchange)
        return self.answers.get(exchange.path, (200, b"{}"))


@pytest.fixture
def http_server() -> Iterator[RecordingServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65_536

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer = server.answer(Exchange(self.command, self.path, headers, body))
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            for name, value in server.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST  # noqa: N815 - the name that the base class calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        server = RecordingServer(f"http://127.0.0.1:{listener.server_port}")
        thread = Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        listener.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def kafka_address() -> Iterator[str]:
    """The address of librdkafka's mock cluster; the producer that it lives in stays until the session ends."""
    import confluent_kafka  # noqa: PLC0415 - 30 ms that only these tests need

    owner = confluent_kafka.Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "", "log_level": 0})
    broker = next(iter(owner.list_topics(timeout=30).brokers.values()))
    yield f"{broker.host}:{broker.port}"
    del owner
