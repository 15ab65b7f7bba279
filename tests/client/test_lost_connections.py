"""Targets that are there and do not answer, or stop answering."""

import asyncio
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pika
import pytest

from ftcrm.client import Outgoing, open_sender
from ftcrm.contracts.errors import SendError


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("url", ["http://127.0.0.1:{}", "amqp://127.0.0.1:{}/", "kafka://127.0.0.1:{}/t"])
def test_a_target_that_never_answers_is_given_up_in_time(url: str, silent_port: int) -> None:
    async def run() -> None:
        async with open_sender(url.format(silent_port), timeout=0.3) as sender:
            await sender.send("CASINO", b"{}")

    async def bounded() -> None:
        async with asyncio.timeout(20):
            await run()

    with pytest.raises(SendError, match=f"127.0.0.1:{silent_port}"):
        asyncio.run(bounded())


@pytest.mark.integration
@pytest.mark.parametrize("limit", [300, 700, 5_000, 50_000])
def test_a_broker_that_goes_away_is_a_send_error_whatever_it_had_read_by_then(rabbitmq: str, limit: int) -> None:
    """A connection cut after so many bytes: in the handshake, at the channel, within the messages."""

    async def run() -> None:
        async with await asyncio.start_server(_cutting(urlsplit(rabbitmq).port or 0, limit), "127.0.0.1", 0) as proxy:
            port = proxy.sockets[0].getsockname()[1]
            async with open_sender(f"amqp://guest:guest@127.0.0.1:{port}", timeout=20) as sender:
                async for _ in sender.send_all(Outgoing("CASINO", b"%d" % number) for number in range(2_000)):
                    pass

    connection = pika.BlockingConnection(pika.URLParameters(rabbitmq))
    connection.channel().queue_declare("ftcrm", exclusive=True)
    with pytest.raises(SendError, match=r"AMQPConnectionError"):
        asyncio.run(run())
    connection.close()


def _cutting(port: int, limit: int):
    """A proxy's handler that passes on what comes, and cuts both ways once `limit` bytes came from the client."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_broker, to_broker = await asyncio.open_connection("127.0.0.1", port)

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, most: int | None) -> None:
            seen = 0
            try:
                while (chunk := await source.read(4096)) and (most is None or seen <= most):
                    seen += len(chunk)
                    sink.write(chunk)
            except OSError:
                pass
            writer.close()
            to_broker.close()

        await asyncio.gather(pump(reader, to_broker, limit), pump(from_broker, writer, None))

    return handle
