"""What intake costs: REST as a fraction of a bare uvicorn handler, and the server's CPU per event over one decode.

The load comes from another process on this machine (raw HTTP/1.1 over a few connections; confluent-kafka). Both servers
and the decoding are measured in one run: the ratios are the figures, the absolute numbers depend on the machine.

    python benchmarks/intake.py [--short]
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import msgspec
from judging import BET, BET_OR_WIN

from ftcrm.contracts.events import CasinoEvent

CONNECTIONS = 32
_TICKS = os.sysconf("SC_CLK_TCK")

BARE = """
import asyncio, json, socket, uvicorn
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"38")]
async def app(scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b'{"seq":1,"verdict":"ok","findings":[]}'})
bound = socket.socket(); bound.bind(("127.0.0.1", 0)); bound.listen(2048)
print(json.dumps({"rest": "http://127.0.0.1:%d" % bound.getsockname()[1]}), flush=True)
uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="critical", access_log=False)).run(sockets=[bound])
"""


class Served:
    """A server process, its addresses and the CPU it used."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.addresses = json.loads(self.process.stdout.readline())

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def settle(self) -> None:
        """Wait until everything that was sent is folded: a read sees it."""
        with urllib.request.urlopen(f"{self.addresses['admin']}/summary") as answer:  # noqa: S310 - our own server
            json.load(answer)

    def resident(self) -> float:
        found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())
        assert found is not None
        return int(found[1]) / 1024

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def ftcrm(*options: str) -> Served:
    ports = [part for name in ("rest", "amqp", "kafka") for part in (f"--{name}", "127.0.0.1:0")]
    return Served("-m", "ftcrm.cli", "serve", "--json", *ports, *options)


def payload(index: int) -> bytes:
    event = BET | {"activity_id": f"a{index}", "round_id": f"r{index // 2}"} | BET_OR_WIN[index % 2]
    return json.dumps(event).encode()


async def post(url: str, bodies: list[bytes]) -> float:
    """Post the bodies over CONNECTIONS connections; seconds it took."""
    host, port = url.removeprefix("http://").split(":")
    waiting = iter(bodies)

    async def one() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        for body in waiting:
            head = b"POST /v1/integration/casino HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            writer.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200"), answer
            length = re.search(rb"content-length: (\d+)", answer)
            assert length is not None
            await reader.readexactly(int(length[1]))
        writer.close()

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return time.perf_counter() - started


def decode_cost(bodies: list[bytes]) -> float:
    """CPU seconds of one msgspec decode of an event."""
    decoder = msgspec.json.Decoder(CasinoEvent)
    started = time.process_time()
    for body in bodies:
        decoder.decode(body)
    return (time.process_time() - started) / len(bodies)


def produce(bootstrap: str, bodies: list[bytes]) -> float:
    """Produce the bodies with confluent-kafka; seconds until the last delivery report."""
    from confluent_kafka import Producer

    failures: list[object] = []
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, "queue.buffering.max.messages": 1_000_000})
    started = time.perf_counter()
    for body in bodies:
        producer.produce("t", body, headers=[("type", b"CASINO")], on_delivery=lambda e, _: e and failures.append(e))
        producer.poll(0)
    assert producer.flush(120) == 0
    assert not failures, failures[:3]
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    short = parser.parse_args().short
    count, repeats = (4_000, 1) if short else (20_000, 3)
    bodies = [payload(index) for index in range(count)]
    ratios, rest_cpu, kafka_cpu, kafka_rate, rest_rate = [], [], [], [], []
    for repeat in range(repeats):
        decode = decode_cost(bodies)
        bare = Served("-c", BARE)
        bare_seconds = asyncio.run(post(bare.addresses["rest"], bodies))
        bare.stop()
        served = ftcrm()
        before = served.cpu()
        rest_seconds = asyncio.run(post(served.addresses["rest"], bodies))
        served.settle()
        rest_cpu.append((served.cpu() - before) / count / decode)
        ratios.append(bare_seconds / rest_seconds)
        rest_rate.append(count / rest_seconds)
        many = [payload(index + count * (repeat + 1)) for index in range(count * 5)]
        before = served.cpu()
        kafka_seconds = produce(served.addresses["kafka"], many)
        served.settle()
        kafka_cpu.append((served.cpu() - before) / len(many) / decode)
        kafka_rate.append(len(many) / kafka_seconds)
        resident = served.resident()
        served.stop()
    middle = statistics.median
    print(f"REST over a bare uvicorn handler:          {middle(ratios):.2f} ({middle(rest_rate):,.0f} events/s)")
    print(f"REST, server CPU per event over a decode:  {middle(rest_cpu):.1f}")
    print(f"Kafka, server CPU per event over a decode: {middle(kafka_cpu):.1f} ({middle(kafka_rate):,.0f} events/s)")
    print(f"resident after {count * 6:,} events in memory:  {resident:.0f} MB")


if __name__ == "__main__":
    main()
