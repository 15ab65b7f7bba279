"""Strict mode: the exchanges, queues and bindings that clients have declared, and where a message would go.

One `Topology` belongs to one server and is shared by its connections. Messages are never stored: a queue is a name to
route to. Alternate exchanges, exclusive locks and automatic deletion are not modelled.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from .errors import PeerError, ReplyCode

ExchangeType: TypeAlias = Literal["direct", "fanout", "topic", "headers"]
EntityKind: TypeAlias = Literal["exchange", "queue"]

RESERVED_PREFIX: Final = "amq."


@dataclass(frozen=True)
class Exchange:
    """A declared exchange."""

    name: str
    type: str
    durable: bool = True
    auto_delete: bool = False
    internal: bool = False
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Queue:
    """A declared queue."""

    name: str
    durable: bool = False
    exclusive: bool = False
    auto_delete: bool = False
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Binding:
    """From an exchange to a queue or to another exchange."""

    source: str
    kind: EntityKind
    destination: str
    routing_key: str
    arguments: dict[str, Any] = field(default_factory=dict)


class Topology:
    """The virtual hosts of one server, each made when it is first opened."""

    def __init__(self) -> None:
        self._hosts: dict[str, VirtualHost] = {}

    def vhost(self, name: str) -> "VirtualHost":
        """Give the virtual host of this name."""
        return self._hosts.setdefault(name, VirtualHost(name))


class VirtualHost:
    """The entities of one virtual host; its methods raise `PeerError` with RabbitMQ's codes and words."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.exchanges = {exchange.name: exchange for exchange in _PREDECLARED}
        self.queues: dict[str, Queue] = {}
        self._bindings: dict[str, list[Binding]] = {}
        self._generated = 0

    def exchange(self, name: str) -> Exchange:
        """Find an exchange, or answer 404."""
        found = self.exchanges.get(name)
        if found is None:
            raise self._missing("exchange", name)
        return found

    def queue(self, name: str) -> Queue:
        """Find a queue, or answer 404."""
        found = self.queues.get(name)
        if found is None:
            raise self._missing("queue", name)
        return found

    def declare_exchange(self, wanted: Exchange) -> None:
        """Declare an exchange: 403 for a reserved name, 406 when it exists and differs, 503 for an unknown type."""
        _refuse_default_exchange(wanted.name)
        if wanted.type not in _TYPES:
            raise PeerError(ReplyCode.COMMAND_INVALID, f"unknown exchange type '{wanted.type}'")
        existing = self.exchanges.get(wanted.name)
        if existing is None:
            _refuse_reserved("exchange", wanted.name)
            self.exchanges[wanted.name] = wanted
            return
        self._require_same("exchange", wanted, existing, ("type", "durable", "auto_delete", "internal", "arguments"))

    def delete_exchange(self, name: str, *, if_unused: bool) -> None:
        """Delete an exchange and its bindings; one that is not there is no error."""
        _refuse_default_exchange(name)
        _refuse_reserved("exchange", name)
        if if_unused and self._bindings.get(name):
            raise PeerError(ReplyCode.PRECONDITION_FAILED, f"exchange '{name}' in vhost '{self.name}' in use")
        self.exchanges.pop(name, None)
        self._bindings.pop(name, None)
        self._unbind_destination("exchange", name)

    def declare_queue(self, wanted: Queue) -> None:
        """Declare a queue: 403 for a reserved name, 406 when it exists and differs."""
        existing = self.queues.get(wanted.name)
        if existing is None:
            _refuse_reserved("queue", wanted.name)
            self.queues[wanted.name] = wanted
            return
        self._require_same("queue", wanted, existing, ("durable", "auto_delete", "exclusive", "arguments"))

    def generate_queue(self, wanted: Queue) -> str:
        """Declare a queue whose name the server chooses, and give the name."""
        self._generated += 1
        name = f"{RESERVED_PREFIX}gen-{self._generated}"
        self.queues[name] = Queue(name, wanted.durable, wanted.exclusive, wanted.auto_delete, wanted.arguments)
        return name

    def delete_queue(self, name: str) -> None:
        """Delete a queue and its bindings; one that is not there is no error."""
        self.queues.pop(name, None)
        self._unbind_destination("queue", name)

    def bind(self, binding: Binding) -> None:
        """Add a binding; adding it twice changes nothing."""
        self._require_ends(binding)
        bindings = self._bindings.setdefault(binding.source, [])
        if binding not in bindings:
            bindings.append(binding)

    def unbind(self, binding: Binding) -> None:
        """Remove a binding; one that is not there is no error."""
        self._require_ends(binding)
        bindings = self._bindings.get(binding.source, [])
        if binding in bindings:
            bindings.remove(binding)

    def route(self, exchange: str, routing_key: str, headers: dict[str, Any] | None) -> set[str]:
        """Find the queues that a message would reach, by the names of the queues.

        Raises:
            PeerError: 404 there is no such exchange, 403 it is internal.
        """
        if self.exchange(exchange).internal:
            raise PeerError(
                ReplyCode.ACCESS_REFUSED, f"cannot publish to internal exchange '{exchange}' in vhost '{self.name}'"
            )
        reached: set[str] = set()
        pending, seen = [exchange], {exchange}
        while pending:
            current = self.exchanges[pending.pop()]
            if current.name == "":
                reached.update({routing_key} & self.queues.keys())
            for binding in self._bindings.get(current.name, ()):
                if not _matches(current.type, binding, routing_key, headers or {}):
                    continue
                if binding.kind == "queue":
                    reached.add(binding.destination)
                elif binding.destination not in seen:
                    seen.add(binding.destination)
                    pending.append(binding.destination)
        return reached

    def _missing(self, kind: EntityKind, name: str) -> PeerError:
        return PeerError(ReplyCode.NOT_FOUND, f"no {kind} '{name}' in vhost '{self.name}'")

    def _require_same(
        self, kind: EntityKind, wanted: Exchange | Queue, existing: Exchange | Queue, arguments: tuple[str, ...]
    ) -> None:
        for argument in arguments:
            received, current = getattr(wanted, argument), getattr(existing, argument)
            if received != current:
                raise PeerError(
                    ReplyCode.PRECONDITION_FAILED,
                    f"inequivalent arg '{argument}' for {kind} '{existing.name}' in vhost '{self.name}': "
                    f"received '{_shown(received)}' but current is '{_shown(current)}'",
                )

    def _require_ends(self, binding: Binding) -> None:
        _refuse_default_exchange(binding.source)
        if binding.kind == "queue":
            self.queue(binding.destination)
        else:
            _refuse_default_exchange(binding.destination)
            self.exchange(binding.destination)
        self.exchange(binding.source)

    def _unbind_destination(self, kind: EntityKind, name: str) -> None:
        for source, bindings in self._bindings.items():
            kept = [binding for binding in bindings if (binding.kind, binding.destination) != (kind, name)]
            self._bindings[source] = kept


_TYPES: Final = ("direct", "fanout", "topic", "headers")
_PREDECLARED: Final = (
    Exchange("", "direct"),
    Exchange("amq.direct", "direct"),
    Exchange("amq.fanout", "fanout"),
    Exchange("amq.topic", "topic"),
    Exchange("amq.headers", "headers"),
    Exchange("amq.match", "headers"),
)


def _refuse_default_exchange(name: str) -> None:
    if name == "":
        raise PeerError(ReplyCode.ACCESS_REFUSED, "operation not permitted on the default exchange")


def _refuse_reserved(kind: EntityKind, name: str) -> None:
    if name.startswith(RESERVED_PREFIX):
        raise PeerError(ReplyCode.ACCESS_REFUSED, f"{kind} name '{name}' contains reserved prefix '{RESERVED_PREFIX}*'")


def _shown(argument: object) -> str:
    return str(argument).lower() if isinstance(argument, bool) else str(argument)


def _matches(exchange_type: str, binding: Binding, routing_key: str, headers: dict[str, Any]) -> bool:
    match exchange_type:
        case "fanout":
            return True
        case "topic":
            return _topic_matches(_words(binding.routing_key), _words(routing_key))
        case "headers":
            return _headers_match(binding.arguments, headers)
    return binding.routing_key == routing_key


def _words(key: str) -> list[str]:
    return key.split(".") if key else []


def _topic_matches(pattern: list[str], words: list[str]) -> bool:
    # The set of positions in `words` that the pattern so far can reach: linear in both, where backtracking over
    # several `#` would be exponential.
    reachable = {0}
    for part in pattern:
        if part == "#":
            reachable = set(range(min(reachable), len(words) + 1))
        else:
            reachable = {at + 1 for at in reachable if at < len(words) and part in ("*", words[at])}
        if not reachable:
            return False
    return len(words) in reachable


def _headers_match(arguments: dict[str, Any], headers: dict[str, Any]) -> bool:
    rule = arguments.get("x-match", "all")
    keeps_x = rule in ("all-with-x", "any-with-x")
    wanted = {
        name: item for name, item in arguments.items() if name != "x-match" and (keeps_x or not name.startswith("x-"))
    }
    # A binding argument without a value (void) asks only that the header is there.
    matches = (name in headers and (item is None or headers[name] == item) for name, item in wanted.items())
    return any(matches) if rule in ("any", "any-with-x") else all(matches)
