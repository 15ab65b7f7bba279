"""A state machine that drives a live server through its three connectors, with a model beside it.

It connects and disconnects, publishes, sends again, leaves in the middle, talks nonsense, and asks the admin API in
between. What must hold: nothing that was acknowledged is lost, nothing is recorded twice or in part, each connection
keeps its order, and every answer is what the reference engine makes of what was recorded.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ftcrm.contracts import Message
from ftcrm.contracts.errors import SendError
from ftcrm.contracts.messages import Connector
from ftcrm.strategies.live import (
    Addresses,
    AmqpConnection,
    Connection,
    Delivery,
    Inquiry,
    KafkaConnection,
    Producer,
    Recorded,
    RestConnection,
    delivered,
    said_to,
)
from ftcrm.strategies.live.choices import (
    BATCHES,
    BONUSES,
    EVENTS,
    HOSTILE,
    LIMITS,
    NOISE,
    ORIGINS,
    ROUNDS,
    USERS,
    WRONG_WAYS,
    filters_of,
)

__all__ = ["ServerMachine", "check_server"]

_CONNECTIONS: dict[Connector, type[RestConnection] | type[AmqpConnection] | type[KafkaConnection]] = {
    "rest": RestConnection,
    "rabbitmq": AmqpConnection,
    "kafka": KafkaConnection,
}
_CONNECTORS = st.sampled_from(("rest", "rabbitmq", "kafka"))
_MOST_CONNECTIONS = 6
_WHOLE = 100
_OK = 200
_INSTANTS = st.sampled_from((None, "2026-03-29T12:00:00Z", "2026-02-28T23:59:59.999999+01:00"))


def check_server(
    rest: str,
    amqp: str | None = None,
    kafka: str | None = None,
    *,
    token: str | None = None,
    examples: int = 100,
    steps: int = 30,
    seed: int | None = None,
) -> None:
    """Drive the server at these addresses through so many examples of so many steps each, in runs of their own.

    The addresses are as `ftcrm serve` shows them: `http://HOST:PORT`, `amqp://USER:PASSWORD@HOST:PORT`, `HOST:PORT`; a
    connector without one is left out. `token` is that of the admin API. The server has the settings that it has unless
    told, and takes events without an API key. With a `seed` the examples are always the same.

    Raises:
        ConfigurationError: an address is none.
        SendError: the server cannot be reached, or does not answer any more.
        AssertionError: it does not do what it should; the notes of the exception have the fewest steps that show it.
    """
    addresses = Addresses.parse(rest, amqp, kafka, token=token)
    probe = RestConnection(addresses, "default")
    answer = probe.ask("GET", "summary", run="default")
    probe.close()
    if answer.status != _OK:
        raise SendError(f"{rest}: expected the admin API of a stand-in, got {answer}")

    class Machine(ServerMachine):
        def __init__(self) -> None:
            super().__init__(addresses)

    # To explain a failure, Hypothesis tries what else would fail: the steps say it, and each try asks the server.
    wanted = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=set(Phase) - {Phase.explain, Phase.reuse},
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(Machine if seed is None else seeded(seed)(Machine), settings=wanted)


def _has_sent(machine: "ServerMachine") -> bool:
    """Whether there may be anything to ask about; without it most steps would ask an empty run.

    It does not depend on what the server has taken by now, since Hypothesis must be able to draw the same steps again.
    """
    return machine.recorded.has_sent


_with_events = precondition(_has_sent)


class Unanswered(NamedTuple):
    """A request to Kafka whose producer left before the answer came."""

    producer: Producer
    request: bytes
    delivery: Delivery


class ServerMachine(RuleBasedStateMachine):
    """The machine, in a run of its own of the server at these addresses; it leaves what is in other runs alone."""

    connections = Bundle("connections")
    events = Bundle("events")
    unanswered = Bundle("unanswered")

    def __init__(self, addresses: Addresses) -> None:
        super().__init__()
        self._addresses = addresses
        self._run = f"machine-{uuid4().hex}"
        self._rest = RestConnection(addresses, self._run)
        self.recorded = Recorded(self._run)
        self._inquiry = Inquiry(self._rest, self.recorded)
        self._open: dict[Connection, None] = {}

    def teardown(self) -> None:
        """Hang up."""
        for connection in (*self._open, self._rest):
            connection.close()

    @invariant()
    def has_what_was_acknowledged(self) -> None:
        """What was acknowledged is there, once, as it was sent and judged; nothing is there that was not sent."""
        if not self.recorded.is_settled:
            self._inquiry.look()

    # -- connections -------------------------------------------------------------------------------------------------

    @initialize(target=connections, connector=_CONNECTORS)
    def connect_first(self, connector: Connector) -> Connection:
        """Open the first connection."""
        return self._connected(connector)

    @precondition(lambda self: len(self._open) < _MOST_CONNECTIONS)
    @rule(target=connections, connector=_CONNECTORS)
    def connect(self, connector: Connector) -> Connection:
        """Open a connection; where no address was told, one of REST."""
        return self._connected(connector)

    @_with_events
    @rule(via=consumes(connections))
    def disconnect(self, via: Connection) -> None:
        """Take leave."""
        del self._open[via]
        via.leave()

    # -- events ------------------------------------------------------------------------------------------------------

    @rule(target=events, via=connections, event=EVENTS)
    def publish(self, via: Connection, event: Message) -> Message:
        """Publish an event."""
        self._publish({via: [event]})
        return event

    @rule(target=events, via=connections, batch=BATCHES)
    def publish_batch(self, via: Connection, batch: list[Message]) -> MultipleResults[Message]:
        """Publish several before the first is answered."""
        self._publish({via: batch})
        return multiple(*batch)

    @rule(target=events, first=connections, second=connections, batch=BATCHES)
    def publish_at_once(self, first: Connection, second: Connection, batch: list[Message]) -> MultipleResults[Message]:
        """Publish over two connections before anything is answered."""
        half = len(batch) // 2
        self._publish({first: batch} if first is second else {first: batch[:half], second: batch[half:]})
        return multiple(*batch)

    @rule(via=connections, event=events)
    def send_again(self, via: Connection, event: Message) -> None:
        """Deliver an event again, over whichever connection."""
        self._publish({via: [event]})

    @rule(via=connections, message=HOSTILE)
    def publish_hostile(self, via: Connection, message: Message) -> None:
        """Publish what is no event, or says in an odd way, or not at all, what it is."""
        self._publish({via: [message]})

    @rule(event=EVENTS, content_type=st.sampled_from(("text/plain", "application/xml", "application/jsonl; v=1")))
    def publish_in_foreign_form(self, event: Message, content_type: str) -> None:
        """Post an event as something else than JSON: it is recorded as refused, whatever it says."""
        deliveries = self.recorded.send([delivered(event, "rest")], self._rest, in_foreign_form=True)
        self._rest.write(self._rest.encoded(deliveries, content_type=content_type))
        self.recorded.acknowledged(deliveries, self._rest.answers(1))

    # -- faults ------------------------------------------------------------------------------------------------------

    @rule(
        target=unanswered,
        via=consumes(connections),
        event=EVENTS,
        percent=st.sampled_from((_WHOLE, _WHOLE, 99, 50, 10)),
        is_abrupt=st.booleans(),
    )
    def leave_midway(
        self, via: Connection, event: Message, percent: int, is_abrupt: bool
    ) -> Unanswered | MultipleResults[Unanswered]:
        """Write a part of a message, or all of it, and hang up: a part is never recorded, all of it at most once."""
        del self._open[via]
        (delivery,) = self.recorded.send([delivered(event, via.connector)], via)
        request = via.encoded([delivery])
        if percent == _WHOLE:
            self.recorded.left(delivery)
        via.write(request[: len(request) * percent // _WHOLE])
        if is_abrupt:
            via.abort()
        else:
            via.drain()
        return Unanswered(via.producer, request, delivery) if isinstance(via, KafkaConnection) else multiple()

    @precondition(lambda self: len(self._open) < _MOST_CONNECTIONS)
    @rule(target=connections, left=consumes(unanswered))
    def resume(self, left: Unanswered) -> Connection:
        """Send a producer's unanswered request again, over a new connection: now it is there, once."""
        via = self._opened(KafkaConnection(self._addresses, self._run, left.producer))
        via.write(left.request)
        self.recorded.acknowledged([left.delivery], via.answers(1))
        self._inquiry.look()
        return via

    @_with_events
    @rule(noise=NOISE)
    def make_noise(self, noise: tuple[Connector, bytes]) -> None:
        """Send a port what it does not speak: it is counted, and the server hangs up."""
        connector, data = noise
        if connector in self._addresses.at:
            before = self._inquiry.protocol_errors(connector)
            said_to(self._addresses, connector, data)
            assert self._inquiry.protocol_errors(connector) > before, f"expected {data!r} to be counted, got {before}"

    @_with_events
    @rule(way=WRONG_WAYS, event=EVENTS)
    def lose_the_way(self, way: tuple[str, str, int], event: Message) -> None:
        """Send an event where none is taken: it is turned away, and not recorded."""
        method, path, status = way
        answer = self._rest.request(method, f"/runs/{self._run}{path}", {"content-type": "application/json"}, event.raw)
        assert answer.status == status, f"{method} {path}: expected {status}, got {answer}"

    # -- marks -------------------------------------------------------------------------------------------------------

    @_with_events
    @rule()
    def reset(self) -> None:
        """Reset the run: what came before does not count."""
        self._inquiry.reset()

    @rule()
    def close(self) -> None:
        """Close the run: what is open was never settled."""
        self._inquiry.close()

    # -- questions ---------------------------------------------------------------------------------------------------

    @_with_events
    @rule(filters=filters_of("events"), limit=LIMITS)
    def read_events(self, filters: dict[str, str], limit: int) -> None:
        """GET events."""
        self._inquiry.read("events", filters, limit)

    @_with_events
    @rule(filters=filters_of("rounds"), limit=LIMITS)
    def read_rounds(self, filters: dict[str, str], limit: int) -> None:
        """GET rounds."""
        self._inquiry.read("rounds", filters, limit)

    @_with_events
    @rule(filters=filters_of("sessions"), limit=LIMITS)
    def read_sessions(self, filters: dict[str, str], limit: int) -> None:
        """GET sessions."""
        self._inquiry.read("sessions", filters, limit)

    @_with_events
    @rule(filters=filters_of("players"), limit=LIMITS, as_of=_INSTANTS)
    def read_players(self, filters: dict[str, str], limit: int, as_of: str | None) -> None:
        """GET players."""
        self._inquiry.read("players", filters, limit, as_of=as_of)

    @_with_events
    @rule(filters=filters_of("bonuses"), limit=LIMITS)
    def read_bonuses(self, filters: dict[str, str], limit: int) -> None:
        """GET bonuses."""
        self._inquiry.read("bonuses", filters, limit)

    @_with_events
    @rule(filters=filters_of("questions"), limit=LIMITS)
    def read_questions(self, filters: dict[str, str], limit: int) -> None:
        """GET questions."""
        self._inquiry.read("questions", filters, limit)

    @_with_events
    @rule(filters=filters_of("findings"), limit=LIMITS)
    def read_findings(self, filters: dict[str, str], limit: int) -> None:
        """GET findings."""
        self._inquiry.read("findings", filters, limit)

    @_with_events
    @rule(at=st.integers(0, 9))
    def read_event(self, at: int) -> None:
        """GET events/SEQ."""
        self._inquiry.read_event(at)

    @_with_events
    @rule(origin=ORIGINS, user_id=USERS, round_id=ROUNDS)
    def read_round(self, origin: str, user_id: str, round_id: str) -> None:
        """GET rounds/ORIGIN/USER_ID/ROUND_ID."""
        self._inquiry.read_one("rounds", {"origin": origin, "user_id": user_id, "round_id": round_id})

    @_with_events
    @rule(origin=ORIGINS, user_id=USERS, as_of=_INSTANTS)
    def read_player(self, origin: str, user_id: str, as_of: str | None) -> None:
        """GET players/ORIGIN/USER_ID."""
        self._inquiry.read_one("players", {"origin": origin, "user_id": user_id}, as_of=as_of)

    @_with_events
    @rule(user_bonus_id=BONUSES, filters=st.fixed_dictionaries({}, optional={"origin": ORIGINS, "user_id": USERS}))
    def read_bonus(self, user_bonus_id: str, filters: dict[str, str]) -> None:
        """GET bonuses/USER_BONUS_ID."""
        self._inquiry.read_one("bonuses", {"user_bonus_id": user_bonus_id}, **filters)

    @_with_events
    @rule()
    def read_summary(self) -> None:
        """GET summary."""
        self._inquiry.read_summary()

    # -- parts of the steps ------------------------------------------------------------------------------------------

    def _connected(self, connector: Connector) -> Connection:
        kind = _CONNECTIONS[connector if connector in self._addresses.at else "rest"]
        return self._opened(kind(self._addresses, self._run))

    def _opened(self, connection: Connection) -> Connection:
        self._open[connection] = None
        return connection

    def _publish(self, shares: dict[Connection, Sequence[Message]]) -> None:
        """Publish these messages over their connections, all before any is answered."""
        sent: list[tuple[Connection, list[Delivery]]] = []
        for via, messages in shares.items():
            if messages:
                sent.append((via, self.recorded.send([delivered(each, via.connector) for each in messages], via)))
        for via, deliveries in sent:
            via.write(via.encoded(deliveries))
        for via, deliveries in sent:
            self.recorded.acknowledged(deliveries, via.answers(len(deliveries)))
