"""RabbitMQ: one channel with publisher confirms; the message type is the message property `type`."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from ftcrm.client.sender import Outgoing, Sender, Sent
from ftcrm.client.targets import Target, required_module, unreachable
from ftcrm.contracts.errors import SendError
from ftcrm.contracts.messages import Header

if TYPE_CHECKING:
    from aiormq.abc import AbstractChannel, AbstractConnection

__all__ = ["DEFAULT_ROUTING_KEY", "AmqpSender"]

DEFAULT_ROUTING_KEY = "ftcrm"
_PERSISTENT = 2


class AmqpSender(Sender):
    """Publishes in order on one channel, many confirms in flight.

    Messages are mandatory: one that a broker has no queue for comes back and counts as refused, where it would
    otherwise be confirmed and lost.
    """

    default_in_flight = 256

    def __init__(self, target: Target, *, in_flight: int | None, timeout: float) -> None:
        super().__init__(in_flight=in_flight)
        self._aiormq = required_module("aiormq", wanted_for=target.shown)
        self._target = target
        self._timeout = timeout
        parts = urlsplit(target.url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        self._exchange = options.pop("exchange", "")
        self._routing_key = options.pop("routing_key", DEFAULT_ROUTING_KEY)
        self._url = parts._replace(query=urlencode(options)).geturl()
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None

    async def open(self) -> None:
        """Connect and open the channel."""
        aiormq = self._aiormq
        try:
            async with asyncio.timeout(self._timeout):
                self._connection = await aiormq.connect(self._url)
                self._channel = await self._connection.channel(publisher_confirms=True)
        except (OSError, aiormq.AMQPError, EOFError) as error:
            advice = "is a broker running there, and do user, password and virtual host exist on it?"
            raise unreachable(self._target.shown, error, doing="open an AMQP channel", advice=advice) from error

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None and not self._connection.is_closed:
            await self._connection.close()

    async def _submit(self, message: Outgoing) -> asyncio.Future[Sent]:
        # The channel's lock is first come, first served, and tasks start in the order of their making.
        return asyncio.create_task(self._publish(message))

    async def _publish(self, message: Outgoing) -> Sent:
        aiormq = self._aiormq
        assert self._channel is not None  # noqa: S101 - open comes first
        properties = aiormq.spec.Basic.Properties(
            content_type="application/json",
            delivery_mode=_PERSISTENT,
            message_type=message.message_type,
            headers=_table(message.headers),
        )
        try:
            await self._channel.basic_publish(
                message.raw,
                exchange=self._exchange,
                routing_key=self._routing_key,
                properties=properties,
                mandatory=True,
                timeout=self._timeout,
            )
        except aiormq.PublishError as error:
            return Sent(False, f"returned, no queue takes it: {error}; bind a queue to the exchange and routing key")
        except aiormq.DeliveryError as error:
            return Sent(False, f"not confirmed: {error}")
        except (OSError, aiormq.AMQPError, aiormq.ChannelInvalidStateError) as error:
            raise self._lost(error) from error
        return Sent(True)

    def _lost(self, error: BaseException) -> SendError:
        doing = f"publish to the exchange {self._exchange!r} with the routing key {self._routing_key!r}"
        return unreachable(self._target.shown, error, doing=doing, advice="does the exchange exist, is the broker up?")


def _table(headers: tuple[Header, ...]) -> dict[str, str | bytearray | None] | None:
    """The headers as a field table: text as a long string, bytes as a byte array."""
    return {name: bytearray(value) if isinstance(value, bytes) else value for name, value in headers} or None
