"""An engine that is fed through connectors: each message goes where its connector is, one answer after the other."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby
from types import TracebackType
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ftcrm.client.blocking import BlockingSender
from ftcrm.client.kafka import DEFAULT_TOPIC
from ftcrm.client.sender import REFUSALS, Outgoing, Sent
from ftcrm.client.targets import Target
from ftcrm.contracts.errors import SendError
from ftcrm.contracts.messages import Connector, Message, declared_type_of, message_type_of

__all__ = ["DEFAULT_RUN", "Published", "Publisher", "admin_of", "run_of"]

DEFAULT_RUN = "default"
_FAULT = 500
_REST_TYPES = frozenset({"CASINO", "BONUS"})
_MOST_NAME_BYTES = 255
"""What a short string of AMQP holds."""
_PATH = re.compile(
    r"(?P<base>.*?)(?:/runs/(?P<run>[^/]+))?(?:/v1/integration(?:/casino|/bonus)?|/_ftcrm)?/*", re.DOTALL
)


class Published(NamedTuple):
    """What was published: the messages as their connector delivers them, and a line for each that broke the target."""

    messages: list[Message]
    faults: list[str]


class Publisher:
    """Connections to the targets of these URLs, through which histories are published in their order.

    A message goes to the URL of its own connector, in turn to all of them where it has none. Through its own it keeps
    its headers, through another only the message type. One whose type the connector cannot say is left out (over REST,
    whose paths say it, all but CASINO and BONUS), and so is one whose `size` says that it was too large for its
    receiver: brokers end the connection over it, and where the limit is, only the target knows.

    A connection that is lost is made again for the next history.

    Raises:
        ConfigurationError: a URL is none that can be sent to, or a library is not installed.
        SendError: a target cannot be reached.
    """

    def __init__(self, urls: Sequence[str], *, api_key: str | None = None) -> None:
        self._targets = [Target.parse(url) for url in urls]
        with ExitStack() as opening:
            self._senders = [opening.enter_context(_Reopened(url, api_key)) for url in urls]
            self._opened = opening.pop_all()

    def __enter__(self) -> "Publisher":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect."""
        self._opened.close()

    def publish(self, messages: Sequence[Message]) -> Published:
        """Publish the messages, and wait until all of them are answered; refused events are no error.

        Raises:
            SendError: a target cannot be reached any more, or refuses for another reason than what an event is.
        """
        delivered: list[Message] = []
        faults: list[str] = []
        brought = [(place, message) for place, message in self._brought(messages) if message is not None]
        for place, parcel in groupby(brought, key=lambda pair: pair[0]):
            for batch in self._batches(place, [message for _, message in parcel]):
                outgoing = [
                    Outgoing(declared_type_of(message), message.raw, headers=message.headers) for message in batch
                ]
                for message, sent in zip(batch, self._senders[place].send_all(outgoing), strict=True):
                    delivered.append(message)
                    faults += self._faults(place, len(delivered), sent)
        return Published(delivered, faults)

    def delivered(self, messages: Sequence[Message]) -> list[Message | None]:
        """Each of the messages as its connector would deliver it; None where it is left out. Nothing is published."""
        return [message for _, message in self._brought(messages)]

    def _brought(self, messages: Iterable[Message]) -> Iterator[tuple[int, Message | None]]:
        """Where each message goes, and how it comes out there."""
        for index, message in enumerate(messages):
            own = [place for place, target in enumerate(self._targets) if target.connector == message.connector]
            places = own or range(len(self._targets))
            place = places[index % len(places)]
            connector = self._targets[place].connector
            yield place, _through(connector, message) if _can_bring(connector, message) else None

    def _batches(self, place: int, messages: list[Message]) -> list[list[Message]]:
        # Records of several players go to several partitions, between which there is no order.
        return [[each] for each in messages] if self._targets[place].connector == "kafka" else [messages]

    def _faults(self, place: int, position: int, sent: Sent) -> Iterator[str]:
        if sent.accepted or sent.status in REFUSALS:
            return
        shown = self._targets[place].shown
        if sent.status != _FAULT:
            raise SendError(f"{shown}: expected message {position} to be taken, got {sent.reason}")
        yield f"message {position}: expected {shown} to take it or turn it away, got {sent.reason}"


class _Reopened:
    """A sender that is opened again after it has failed: a broker may end a connection over one message."""

    def __init__(self, url: str, api_key: str | None) -> None:
        self._url, self._api_key = url, api_key
        self._sender: BlockingSender | None = self._opened()

    def __enter__(self) -> "_Reopened":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._sender is not None:
            self._sender.close()

    def send_all(self, messages: Sequence[Outgoing]) -> list[Sent]:
        if self._sender is None:
            self._sender = self._opened()
        try:
            return self._sender.send_all(messages)
        except SendError:
            failed, self._sender = self._sender, None
            failed.close()
            raise

    def _opened(self) -> BlockingSender:
        return BlockingSender(self._url, api_key=self._api_key)


def run_of(url: str) -> str:
    """The run of a stand-in that the URL binds: `/runs/NAME`, a virtual host, a topic `runs.NAME.anything`."""
    target, path = Target.parse(url), unquote(urlsplit(url).path)
    match target.connector:
        case "rest":
            found = _PATH.fullmatch(path)
            return (found and found["run"]) or DEFAULT_RUN
        case "rabbitmq":
            vhost = path.removeprefix("/")
            return DEFAULT_RUN if vhost in ("", "/") else vhost
        case "kafka":
            prefix, _, rest = (path.strip("/") or DEFAULT_TOPIC).partition(".")
            name, dot, _ = rest.partition(".")
            return name if prefix == "runs" and dot and name else DEFAULT_RUN


def admin_of(url: str) -> str:
    """The URL below which the stand-in of a REST URL has its admin API: without a run, and without a path of events."""
    parts = urlsplit(url)
    found = _PATH.fullmatch(parts.path)
    return parts._replace(path=found["base"] if found else parts.path, query="", fragment="").geturl()


def _can_bring(connector: Connector, message: Message) -> bool:
    if message.size is not None:
        return False
    if connector == "rest":
        return message_type_of(message) in _REST_TYPES
    return _is_name(declared_type_of(message) or "")


def _through(connector: Connector, message: Message) -> Message:
    """The message as a sender brings it through that connector: its payload, and its type as that connector says it.

    Of headers, those that can be sent come along, of RabbitMQ the last of each name.
    """
    own = message.headers if message.connector == connector else ()
    headers = tuple([(name, value) for name, value in own if _is_name(name) and _is_text(value)])
    match connector:
        case "rest":
            return Message("rest", message.raw, message_type_of(message))
        case "rabbitmq":
            return Message("rabbitmq", message.raw, declared_type_of(message), tuple(dict(headers).items()))
        case "kafka":
            declared = declared_type_of(message)
            if message.connector != "kafka" and declared is not None:
                headers = (("type", declared.encode()),)
            return Message("kafka", message.raw, None, headers)


def _is_name(text: str) -> bool:
    return _is_text(text) and len(text.encode()) <= _MOST_NAME_BYTES


def _is_text(value: str | bytes | None) -> bool:
    """Whether it can be written as UTF-8, or need not be."""
    return not isinstance(value, str) or not any("\ud800" <= letter <= "\udfff" for letter in value)
