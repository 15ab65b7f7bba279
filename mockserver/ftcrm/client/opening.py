"""A URL -> an open sender."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ftcrm.client.amqp import AmqpSender
from ftcrm.client.kafka import KafkaSender
from ftcrm.client.rest import RestSender
from ftcrm.client.sender import Sender
from ftcrm.client.targets import Target

__all__ = ["open_sender"]

TIMEOUT_SECONDS = 20.0


@asynccontextmanager
async def open_sender(
    url: str,
    *,
    api_key: str | None = None,
    in_flight: int | None = None,
    timeout: float = TIMEOUT_SECONDS,  # noqa: ASYNC109 - it bounds each answer, not this call
) -> AsyncIterator[Sender]:
    """Open the sender that the URL's scheme names, and close it at the end of the block.

    - `http(s)://host:port[/runs/NAME]`: POST to /v1/integration/casino or /bonus, with which the URL may end, too; one
      at a time unless `in_flight` says otherwise (several at once may arrive in another order); `api_key` goes into the
      header X-Api-Key.
    - `amqp(s)://user:password@host:port/vhost?exchange=NAME&routing_key=KEY`: to the default exchange with the
      routing key `ftcrm` unless told; one channel with publisher confirms.
    - `kafka://[user:password@]host:port[,host:port]/topic`: to the topic `ftcrm` unless told; one idempotent producer,
      acks=all, SASL PLAIN when there is a user.

    `timeout` bounds, in seconds, the connecting and each answer.

    Raises:
        ConfigurationError: the URL is none of these, or the library that it needs is not installed.
        SendError: the target cannot be reached.
    """
    sender = _sender(Target.parse(url), api_key, in_flight, timeout)
    try:
        await sender.open()
        yield sender
    finally:
        await sender.close()


def _sender(target: Target, api_key: str | None, in_flight: int | None, timeout: float) -> Sender:
    match target.connector:
        case "rest":
            return RestSender(target, api_key=api_key, in_flight=in_flight, timeout=timeout)
        case "rabbitmq":
            return AmqpSender(target, in_flight=in_flight, timeout=timeout)
        case "kafka":
            return KafkaSender(target, in_flight=in_flight, timeout=timeout)
