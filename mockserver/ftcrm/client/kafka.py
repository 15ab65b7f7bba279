"""Kafka: one idempotent producer with acks=all; the message type is the header `type`, the key the player."""

import asyncio
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from ftcrm.client.sender import Outgoing, Sender, Sent
from ftcrm.client.targets import Target, required_module, unreachable
from ftcrm.contracts.errors import ConfigurationError, SendError

__all__ = ["DEFAULT_TOPIC", "KafkaSender", "user_id_of"]

DEFAULT_TOPIC = "ftcrm"
_DEFAULT_PORT = ":9092"


class KafkaSender(Sender):
    """Hands records to one producer in order; it batches them and keeps the order within a partition."""

    default_in_flight = 1_000

    def __init__(self, target: Target, *, in_flight: int | None, timeout: float) -> None:
        super().__init__(in_flight=in_flight)
        self._aiokafka = required_module("aiokafka", wanted_for=target.shown)
        self._target = target
        self._timeout = timeout
        parts = urlsplit(target.url)
        login, _, addresses = parts.netloc.rpartition("@")
        self._servers = [_with_port(address) for address in addresses.split(",")]
        self._user, _, self._password = (unquote(part) for part in login.partition(":"))
        self._topic = unquote(parts.path.strip("/")) or DEFAULT_TOPIC
        self._producer: Any = None  # aiokafka has no types

    async def open(self) -> None:
        """Connect and learn the cluster."""
        try:
            self._producer = self._aiokafka.AIOKafkaProducer(
                bootstrap_servers=self._servers,
                acks="all",
                enable_idempotence=True,
                request_timeout_ms=int(self._timeout * 1000),
                **self._login(),
            )
        except (ValueError, AssertionError) as error:
            raise ConfigurationError(
                f"target: expected kafka://HOST:PORT, got {self._target.shown} ({error})"
            ) from None
        try:
            async with asyncio.timeout(self._timeout):
                await self._producer.start()
        except (OSError, self._aiokafka.errors.KafkaError) as error:
            login = f" as {self._user!r}" if self._user else ""
            advice = "is a broker running there, and does it take this login?"
            raise unreachable(self._target.shown, error, doing=f"connect{login}", advice=advice) from error

    async def close(self) -> None:
        """Send what is waiting, and disconnect."""
        if self._producer is not None:
            await self._producer.stop()

    async def _submit(self, message: Outgoing) -> asyncio.Future[Sent]:
        errors = self._aiokafka.errors
        key = user_id_of(message.raw) if message.key is None else message.key
        try:
            delivered = await self._producer.send(
                self._topic, message.raw, None if key is None else key.encode(), headers=_headers(message)
            )
        except errors.MessageSizeTooLargeError as error:
            return _answered(Sent(False, str(error)))
        except (OSError, errors.KafkaError) as error:
            raise self._lost(error) from error
        return asyncio.create_task(self._acknowledged(delivered))

    async def _acknowledged(self, delivered: asyncio.Future[Any]) -> Sent:
        errors = self._aiokafka.errors
        try:
            await delivered
        except (errors.MessageSizeTooLargeError, errors.InvalidMessageError) as error:
            return Sent(False, str(error))
        except (OSError, errors.KafkaError) as error:
            raise self._lost(error) from error
        return Sent(True)

    def _login(self) -> dict[str, str]:
        if not self._user:
            return {}
        return {
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "PLAIN",
            "sasl_plain_username": self._user,
            "sasl_plain_password": self._password,
        }

    def _lost(self, error: BaseException) -> SendError:
        doing = f"produce to the topic {self._topic!r} within {self._timeout:g} s"
        return unreachable(self._target.shown, error, doing=doing, advice="does the topic exist, is the broker up?")


def _headers(message: Outgoing) -> list[tuple[str, bytes | None]]:
    own = [(name, value.encode() if isinstance(value, str) else value) for name, value in message.headers]
    if message.message_type is None or any(name == "type" for name, _ in own):
        return own
    return [*own, ("type", message.message_type.encode())]


class _Player(msgspec.Struct):
    user_id: Any = None


_PLAYER = msgspec.json.Decoder(_Player)


def user_id_of(raw: bytes) -> str | None:
    """The payload's `user_id` as text (a number too), or None when it does not say."""
    try:
        found = _PLAYER.decode(raw).user_id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else None


def _answered(sent: Sent) -> asyncio.Future[Sent]:
    answer: asyncio.Future[Sent] = asyncio.get_running_loop().create_future()
    answer.set_result(sent)
    return answer


def _with_port(address: str) -> str:
    has_port = ":" in address.rpartition("]")[2]
    return address if has_port else address + _DEFAULT_PORT
