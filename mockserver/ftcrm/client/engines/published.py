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
from ftcrm.client.sender import Outgoing, Sent
from ftcrm.client.targets import Target
from ftcrm.contracts.errors import SendError
from ftcrm.contracts.messages import Connector, Message, declared_type_of, message_type_of

__all__ = ["DEFAULT_RUN", "Published", "Publisher", "admin_of", "run_of"]

DEFAULT_RUN = "default"
_REFUSALS = frozenset({400, 409, 413, 415, 422})
"""Answers by which a target turns one event away; others say that it does not work, or does not let us in."""
_FAULT = 500
_REST_TYPES = frozenset({"CASINO", "BONUS"})
_MOST_TYPE_BYTES = 255
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

    A message goes to the URL of its own connector, in turn to all of them where it has none. Of its transport it keeps
    the message type, as the senders do. One whose type the connector cannot say is left out (over REST, whose paths
    say it, all but CASINO and BONUS), and so is one whose `size` says that it was too large for its receiver: brokers
    end the connection over it, and where the limit is, only the target knows.

    Raises:
        ConfigurationError: a URL is none that can be sent to, or a library is not installed.
        SendError: a target cannot be reached.
    """

    def __init__(self, urls: Sequence[str], *, api_key: str | None = None) -> None:
        self._targets = [Target.parse(url) for url in urls]
        with ExitStack() as opening:
            self._senders = [opening.enter_context(BlockingSender(url, api_key=api_key)) for url in urls]
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
        for place, parcel in groupby(self._delivered(messages), key=lambda pair: pair[0]):
            for batch in self._batches(place, [message for _, message in parcel]):
                outgoing = [Outgoing(declared_type_of(message), message.raw) for message in batch]
                for message, sent in zip(batch, self._senders[place].send_all(outgoing), strict=True):
                    delivered.append(message)
                    faults += self._faults(place, len(delivered), sent)
        return Published(delivered, faults)

    def _delivered(self, messages: Iterable[Message]) -> Iterator[tuple[int, Message]]:
        """Where each message goes, and how it comes out there."""
        for index, message in enumerate(messages):
            own = [place for place, target in enumerate(self._targets) if target.connector == message.connector]
            places = own or range(len(self._targets))
            place = places[index % len(places)]
            connector = self._targets[place].connector
            if _can_bring(connector, message):
                yield place, _through(connector, message)

    def _batches(self, place: int, messages: list[Message]) -> list[list[Message]]:
        # Records of several players go to several partitions, between which there is no order.
        return [[each] for each in messages] if self._targets[place].connector == "kafka" else [messages]

    def _faults(self, place: int, position: int, sent: Sent) -> Iterator[str]:
        if sent.accepted or sent.status in _REFUSALS:
            return
        shown = self._targets[place].shown
        if sent.status != _FAULT:
            raise SendError(f"{shown}: expected message {position} to be taken, got {sent.reason}")
        yield f"message {position}: expected {shown} to take it or turn it away, got {sent.reason}"


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
    try:
        return len((declared_type_of(message) or "").encode()) <= _MOST_TYPE_BYTES
    except UnicodeEncodeError:
        return False


def _through(connector: Connector, message: Message) -> Message:
    """The message as a sender brings it through that connector: its payload, and its type as that connector says it."""
    match connector:
        case "rest":
            return Message("rest", message.raw, message_type_of(message))
        case "rabbitmq":
            return Message("rabbitmq", message.raw, declared_type_of(message))
        case "kafka":
            declared = declared_type_of(message)
            return Message("kafka", message.raw, None, () if declared is None else (("type", declared.encode()),))
