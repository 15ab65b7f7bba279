"""A real server process, events that no other test knows, and one sender for each connector."""

import base64
import hashlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit
from uuid import uuid4

import confluent_kafka
import httpx
import msgspec
import pika
import pytest
from pamqp import body, commands, frame, header

COMMAND = [sys.executable, "-m", "ftcrm.cli"]
ANY_PORTS = ["--rest", "127.0.0.1:0", "--amqp", "127.0.0.1:0", "--kafka", "127.0.0.1:0"]
DEADLINE = 10.0
ORIGIN = "sub.example.com"

_encode = msgspec.json.Encoder(decimal_format="number").encode


class Server:
    """One `ftcrm serve --json`: its process, its addresses and its admin API."""

    def __init__(
        self,
        stderr: Path,
        *options: str,
        ports: list[str] | None = None,
        env: dict[str, str] | None = None,
        command: list[str] = COMMAND,
    ):
        self.stderr = stderr
        began = time.perf_counter()
        with stderr.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "serve", *(ports or ANY_PORTS), "--json", *options],
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **(env or {})},
            )
        self.line = self._first_line()
        self.milliseconds = (time.perf_counter() - began) * 1000
        self.addresses: dict[str, str] = json.loads(self.line)
        token = self.addresses.get("admin_token")
        self.http = httpx.Client(
            base_url=self.addresses["rest"],
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=DEADLINE,
            trust_env=False,
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def ports(self) -> list[str]:
        """The options that make a later server listen where this one did."""
        return [
            part for name in ("rest", "amqp", "kafka") for part in (f"--{name}", ":".join(map(str, self.address(name))))
        ]

    def address(self, name: str) -> tuple[str, int]:
        text = self.addresses[name]
        split = urlsplit(text if "//" in text else f"//{text}")
        assert split.hostname
        assert split.port
        return split.hostname, split.port

    def get(self, path: str, **parameters: Any) -> Any:
        answer = self.http.get(f"/_ftcrm/{path}", params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str) -> Any:
        answer = self.http.post(f"/_ftcrm/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def summary(self, **parameters: Any) -> Any:
        return self.get("summary", **parameters)

    def pages(self, name: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Everything that a list holds, page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(name, **{"limit": 1000, **parameters, **cursor})
            yield from page[name]
            if page["next_cursor"] is None:
                return
            cursor = {"cursor": page["next_cursor"]}

    def events(self, **filters: Any) -> list[dict[str, Any]]:
        return list(self.pages("events", **filters))

    def round(self, user_id: str, round_id: str, *, origin: str = ORIGIN, **parameters: Any) -> Any:
        return self.get(
            "rounds/" + "/".join(quote(part, safe="") for part in (origin, user_id, round_id)), **parameters
        )

    def protocol_errors(self, connector: str) -> dict[str, Any]:
        found: dict[str, Any] = self.summary()["protocol_errors"].get(connector, {"count": 0, "samples": []})
        return found

    def resident_megabytes(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to leave and wait; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self._end()

    def wait(self) -> int:
        """Wait until it has left by itself; its exit code."""
        return self._end()

    def kill(self) -> None:
        self.process.kill()
        self._end()

    def complaints(self) -> str:
        return self.stderr.read_text()

    def _end(self) -> int:
        try:
            code = self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(DEADLINE)
            raise
        finally:
            self.http.close()
            if self.process.stdout:
                self.process.stdout.close()
        return code

    def _first_line(self) -> str:
        stdout = self.process.stdout
        assert stdout is not None
        readable, _, _ = select.select([stdout], [], [], DEADLINE)
        line = stdout.readline() if readable else b""
        if not line:
            self.process.kill()
            self.process.wait(DEADLINE)
            stdout.close()
            raise AssertionError(f"expected one line of JSON on standard output, got: {self.stderr.read_text()!r}")
        return line.decode()


class Player:
    """A player whose ids no other test knows, and what he does in one round."""

    def __init__(self) -> None:
        self.user_id = f"user-{uuid4().hex}"
        self.round_id = f"round-{uuid4().hex[:12]}"
        self.count = 0

    def event(self, kind: str, amount: str = "20", **changes: Any) -> dict[str, Any]:
        """A valid event; `amount` is its JSON number. A change to `...` leaves the property out."""
        self.count += 1
        base = {
            "activity_id": f"{self.user_id}-{self.count}",
            "type": kind,
            "status": "Approved",
            "amount": Decimal(amount),
            "wager_amount": Decimal(amount),
            "currency": "EUR",
            "exchange_rate": 1,
            "game_id": "10911",
            "game_name": "Dead or Alive",
            "game_type": "Slots",
            "origin": ORIGIN,
            "round_id": self.round_id,
            "timestamp": f"2026-03-02T{8 + self.count // 3600:02}:{self.count // 60 % 60:02}:{self.count % 60:02}Z",
            "user_id": self.user_id,
            "vendor_id": "1",
            "vendor_name": "Netent",
            "user_bonus_id": "",
        }
        return {name: value for name, value in {**base, **changes}.items() if value is not ...}

    def raw(self, kind: str, amount: str = "20", **changes: Any) -> bytes:
        return _encode(self.event(kind, amount, **changes))

    def bet(self, amount: str = "20", **changes: Any) -> bytes:
        return self.raw("Bet", amount, **changes)

    def win(self, amount: str = "5", **changes: Any) -> bytes:
        return self.raw("Win", amount, **changes)

    def settled(self, server: Server, *sent: bytes, bet: str = "20", win: str = "5") -> list[dict[str, Any]]:
        """Assert that the round is settled with these totals and that its entries hold the bytes sent; the entries."""
        found = server.round(self.user_id, self.round_id)
        assert found["state"] == "settled"
        assert (found["bet"]["total"], found["win"]["total"]) == (bet, win)
        assert (found["bet"]["real"], found["win"]["real"]) == (bet, win)
        assert Decimal(found["ggr"]["total"]) == Decimal(bet) - Decimal(win)
        entries = server.events(user_id=self.user_id)
        assert found["seqs"] == [entry["seq"] for entry in entries if entry["disposition"] == "accepted"]
        assert [raw_of(entry) for entry in entries] == list(sent)
        assert {entry["verdict"] for entry in entries} == {"ok"}
        return entries


class Publisher:
    """One sender for each connector, connected when it is first used; each returns when its event is acknowledged."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._channels: dict[str, Any] = {}
        self._connections: list[pika.BlockingConnection] = []
        self._producer: confluent_kafka.Producer | None = None

    def rest(self, raw: bytes, *, base: str = "", event: str = "casino", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._server.http.post(
            f"{base}/v1/integration/{event}", content=raw, headers={"Content-Type": "application/json", **named}
        )

    def rabbitmq(
        self, raw: bytes, properties: pika.BasicProperties | None = None, *, exchange: str = "crm", vhost: str = "%2F"
    ) -> None:
        channel = self._channels.get(vhost)
        if channel is None:
            url = self._server.addresses["amqp"].removesuffix("%2F") + vhost
            connection = pika.BlockingConnection(pika.URLParameters(url))
            self._connections.append(connection)
            channel = self._channels[vhost] = connection.channel()
            channel.confirm_delivery()
        channel.basic_publish(exchange, "casino", raw, properties or pika.BasicProperties(type="CASINO"))

    def kafka(self, raw: bytes | None, headers: Any = (("type", b"CASINO"),), *, topic: str = "casino") -> Any:
        """The delivered message; a KafkaException when it was not."""
        if self._producer is None:
            self._producer = confluent_kafka.Producer(
                {"bootstrap.servers": self._server.addresses["kafka"], "linger.ms": 0, "log_level": 0}
            )
        reports: list[Any] = []
        self._producer.produce(
            topic, raw, headers=list(headers), on_delivery=lambda error, message: reports.append(error or message)
        )
        assert self._producer.flush(DEADLINE) == 0
        (report,) = reports
        if isinstance(report, confluent_kafka.KafkaError):
            raise confluent_kafka.KafkaException(report)
        return report

    def through(self, connector: str, raw: bytes) -> None:
        """Publish a casino event; REST may answer 400."""
        if connector == "rest":
            assert self.rest(raw).status_code in (200, 400)
        elif connector == "rabbitmq":
            self.rabbitmq(raw)
        else:
            self.kafka(raw)

    def close(self) -> None:
        """Close what is open; before its server is killed, or the sockets are left to the collector."""
        for connection in self._connections:
            if connection.is_open:
                connection.close()
        self._connections.clear()
        self._channels.clear()


def raw_of(entry: dict[str, Any]) -> bytes:
    """The bytes of an entry as they were sent."""
    if entry["raw"] is None:
        return base64.b64decode(entry["raw_base64"])
    return str(entry["raw"]).encode()


def wait_until(probe: Callable[[], Any], *, seconds: float = DEADLINE, hint: Callable[[], Any] = lambda: "") -> Any:
    """What the probe gives as soon as that is true; every wait of these tests that has no event is this one."""
    until = time.monotonic() + seconds
    pause = threading.Event()
    while not (found := probe()):
        assert time.monotonic() < until, f"expected it within {seconds} s, got: {found!r} {hint()!r}"
        pause.wait(0.01)
    return found


def unavailable(reason: str) -> NoReturn:
    """A tool is not on this machine: no reason to fail, unless this is the machine that has to have it."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of the tests that neither stop nor limit it."""
    started = Server(tmp_path_factory.mktemp("server") / "stderr")
    yield started
    assert started.stop() == 0
    assert started.complaints() == ""


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers of the test's own; those still running at its end must leave without a complaint."""
    started: list[Server] = []

    def start(*options: str, **more: Any) -> Server:
        begun = Server(tmp_path / f"stderr-{len(started)}", *options, **more)
        started.append(begun)
        return begun

    yield start
    running = [each for each in started if each.process.poll() is None]
    codes = [each.stop() for each in running]
    assert codes == [0] * len(codes)
    assert [each.complaints() for each in started] == [""] * len(started)


@pytest.fixture
def publisher_of() -> Iterator[Callable[[Server], Publisher]]:
    """Make senders for a server; they are closed when the test ends."""
    made: list[Publisher] = []

    def make(target: Server) -> Publisher:
        made.append(Publisher(target))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def publish(server: Server, publisher_of: Callable[[Server], Publisher]) -> Publisher:
    """Senders for the session's server."""
    return publisher_of(server)


@pytest.fixture
def player() -> Player:
    return Player()


@pytest.fixture
def new_player() -> type[Player]:
    return Player


@pytest.fixture
def raw_bytes_of() -> Callable[[dict[str, Any]], bytes]:
    return raw_of


@pytest.fixture
def until() -> Callable[..., Any]:
    return wait_until


@pytest.fixture
def command() -> list[str]:
    """The command `ftcrm` of this environment."""
    return COMMAND


@pytest.fixture
def connect() -> Iterator[Callable[[tuple[str, int]], socket.socket]]:
    """Open bare sockets, with a deadline on everything; they are closed when the test ends."""
    opened: list[socket.socket] = []

    def make(address: tuple[str, int]) -> socket.socket:
        opened.append(socket.create_connection(address, timeout=DEADLINE))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def talk(connect: Callable[[tuple[str, int]], socket.socket]) -> Callable[..., bytes]:
    """Send bytes, say that this was all (unless told to `stay`), and give what comes until the other side closes."""

    def exchange(address: tuple[str, int], sent: bytes, *, stay: bool = False) -> bytes:
        bare = connect(address)
        answer = b""
        try:
            bare.sendall(sent)
            if not stay:
                bare.shutdown(socket.SHUT_WR)
            while part := bare.recv(65536):
                answer += part
        except (ConnectionResetError, BrokenPipeError):
            pass
        finally:
            bare.close()
        return answer

    return exchange


@pytest.fixture
def amqp_session() -> Callable[..., bytes]:
    """All that a client says from its protocol header to connection.close, as bytes that a test may then damage."""

    def conversation(
        *raws: bytes, vhost: str = "/", exchange: str = "crm", close: bool = True, **properties: Any
    ) -> bytes:
        said = [
            (0, commands.Connection.StartOk({}, "PLAIN", "\0guest\0guest", "en_US")),
            (0, commands.Connection.TuneOk(100, 131072, 0)),
            (0, commands.Connection.Open(vhost)),
            (1, commands.Channel.Open()),
            (1, commands.Confirm.Select()),
        ]
        for raw in raws:
            said += [
                (1, commands.Basic.Publish(0, exchange, "casino")),
                (
                    1,
                    header.ContentHeader(
                        0, len(raw), commands.Basic.Properties(**{"message_type": "CASINO", **properties})
                    ),
                ),
                (1, body.ContentBody(raw)),
            ]
        if close:
            said.append((0, commands.Connection.Close(200, "bye", 0, 0)))
        return b"AMQP\0\0\x09\x01" + b"".join(frame.marshal(each, channel) for channel, each in said)

    return conversation


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """The path of an external client; without it the test is skipped, or fails where CI is set."""

    def find(name: str) -> str:
        return shutil.which(name) or unavailable(f"expected {name} on the path")

    return find


@pytest.fixture(scope="session")
def node(tool: Callable[[str], str], pytestconfig: pytest.Config) -> Callable[..., str]:
    """Run JavaScript beside the installed packages of node/package.json (kept in pytest's cache); what it prints."""
    interpreter, npm = tool("node"), tool("npm")
    package = Path(__file__).with_name("node") / "package.json"
    version = hashlib.sha256(package.read_bytes()).hexdigest()[:12]
    folder = Path(pytestconfig.cache.mkdir("ftcrm-node")) / version  # type: ignore[union-attr]
    done = folder / "installed"
    if not done.exists():
        folder.mkdir(exist_ok=True)
        shutil.copy(package, folder)
        install = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        result = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        if result.returncode:
            unavailable(f"expected npm to install {package}, got: {result.stderr}")
        done.touch()

    def run(script: str, *arguments: str) -> str:
        result = subprocess.run(
            [interpreter, "-e", script, "--", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    return run
