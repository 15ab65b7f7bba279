"""Producer ids and transactions: every state against every request, fencing, retries, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ftcrm.mockserver.protocols.kafka import Broker, Limits, Produced, Rejected, TransactionEnded
from ftcrm.mockserver.protocols.kafka.schemas import ApiKey
from ftcrm.mockserver.protocols.kafka.transactions import LAST_EPOCH

T = "tx"


@pytest.fixture
def other(broker: Broker, connect: Callable[[Broker], Any]) -> Any:
    return connect(broker)


def _init(client: Any, *, version: int = 4, name: str | None = T) -> tuple[int, int]:
    assert client.init(name, version=version) == []
    (answer,) = client.answers()
    assert answer["error_code"] == 0
    return answer["producer_id"], answer["producer_epoch"]


def _claim(client: Any, producer: tuple[int, int], *, version: int) -> int:
    answer = client.ask(
        ApiKey.INIT_PRODUCER_ID,
        version,
        transactional_id=T,
        transaction_timeout_ms=1,
        producer_id=producer[0],
        producer_epoch=producer[1],
    )
    return int(answer["error_code"])


def _add(client: Any, producer: tuple[int, int], *topics: str, version: int = 3, name: str = T) -> list[int]:
    answer = client.ask(
        ApiKey.ADD_PARTITIONS_TO_TXN,
        version,
        transactional_id=name,
        producer_id=producer[0],
        producer_epoch=producer[1],
        topics=[{"name": topic, "partitions": [0]} for topic in topics or ("t",)],
    )
    return [row["error_code"] for topic in answer["topics"] for row in topic["partitions"]]


def _end(client: Any, producer: tuple[int, int], committed: bool = True, *, version: int = 3, name: str = T) -> Any:
    return client.send(
        ApiKey.END_TXN,
        version,
        transactional_id=name,
        producer_id=producer[0],
        producer_epoch=producer[1],
        committed=committed,
    )


def _end_error(client: Any, producer: tuple[int, int], committed: bool = True, **options: Any) -> int:
    assert _end(client, producer, committed, **options) == []
    (answer,) = client.answers()
    return int(answer["error_code"])


def _codes(client: Any) -> list[int]:
    return [answer["error_code"] for answer in client.answers()]


def _produce(client: Any, batches: Any, producer: tuple[int, int], base: int = 0, *, name: str | None = T) -> Any:
    data = batches.batch(1, producer=(*producer, base), transactional=True)
    (event,) = client.produce(("t", 0, data), transactional_id=name)
    return event


def _open(client: Any) -> tuple[int, int]:
    producer = _init(client)
    assert _add(client, producer) == [0]
    return producer


@pytest.mark.parametrize("version", range(6))
def test_producer_ids_are_given_in_order_and_never_twice(connect: Callable[[Broker], Any], version: int) -> None:
    broker = Broker(first_producer_id=70)
    client = connect(broker)
    assert [_init(client, version=version, name=None) for _ in range(3)] == [(70, 0), (71, 0), (72, 0)]
    assert broker.next_producer_id == 73
    assert _init(client, version=version) == (73, 0)


def test_a_transactional_id_keeps_its_producer_id_and_gets_a_new_epoch(client: Any, other: Any) -> None:
    assert _init(client) == (0, 0)
    assert _init(other) == (0, 1)
    assert _init(client, name="another") == (1, 0)


def test_an_empty_transactional_id(client: Any) -> None:
    assert client.init("") == []
    assert _codes(client) == [42]


def test_the_last_epoch_is_followed_by_a_new_producer_id(client: Any, broker: Broker) -> None:
    assert _init(client) == (0, 0)
    known = broker.transactions.find(T)
    assert known is not None
    known.epoch = LAST_EPOCH
    assert _init(client) == (1, 0)


@pytest.mark.parametrize(("version", "code"), [(3, 47), (4, 90), (5, 90)])
def test_a_claim_to_an_old_epoch_is_fenced(client: Any, version: int, code: int) -> None:
    old = _init(client)
    new = _init(client)
    assert _claim(client, old, version=version) == code
    assert _claim(client, (new[0] + 1, new[1]), version=version) == code
    assert _claim(client, new, version=version) == 0


@pytest.mark.parametrize("committed", [True, False])
def test_a_transaction(client: Any, batches: Any, committed: bool) -> None:
    producer = _open(client)
    event = _produce(client, batches, producer)
    assert isinstance(event, Produced)
    assert (event.transactional_id, event.batches[0].transactional) == (T, True)
    (ended,) = _end(client, producer, committed)
    assert ended == TransactionEnded(ended.token, T, *producer, committed)
    assert ended.token != event.token
    client.connection.settle(ended.token)
    assert client.connection.data_to_send() == b""
    client.connection.settle(event.token)
    produced, end = client.answers()
    assert (produced["topics"][0]["partitions"][0]["error_code"], end["error_code"]) == (0, 0)


def test_transactions_follow_each_other(client: Any, batches: Any) -> None:
    producer = _init(client)
    for base in range(3):
        assert _add(client, producer) == [0]
        client.connection.settle(_produce(client, batches, producer, base).token)
        (ended,) = _end(client, producer)
        client.connection.settle(ended.token)
        assert client.answers()[-1]["error_code"] == 0


def test_initialising_again_aborts_what_is_open_first(client: Any, other: Any, batches: Any) -> None:
    producer = _open(client)
    client.connection.settle(_produce(client, batches, producer).token)
    assert client.results() == [(0, 0)]
    (ended,) = other.init(T)
    assert ended == TransactionEnded(ended.token, T, *producer, False)
    assert other.connection.data_to_send() == b""
    other.connection.settle(ended.token)
    (answer,) = other.answers()
    assert (answer["error_code"], answer["producer_id"], answer["producer_epoch"]) == (0, producer[0], 1)
    assert isinstance(_produce(client, batches, producer, 1), Rejected)
    assert client.results() == [(47, -1)]
    assert _end_error(client, producer, version=3) == 90


def test_an_abort_that_is_refused_leaves_the_transaction_open(client: Any, other: Any) -> None:
    producer = _open(client)
    (ended,) = other.init(T)
    other.connection.settle(ended.token, error=56)
    (answer,) = other.answers()
    assert (answer["error_code"], answer["producer_id"], answer["producer_epoch"]) == (56, -1, -1)
    (again,) = _end(client, producer)
    client.connection.settle(again.token)
    assert _codes(client) == [0]


def test_an_end_that_is_refused_can_be_tried_again(client: Any) -> None:
    producer = _open(client)
    (ended,) = _end(client, producer)
    client.connection.settle(ended.token, error=56)
    assert _codes(client) == [56]
    (ended,) = _end(client, producer)
    client.connection.settle(ended.token)
    assert _codes(client) == [0]


def _state(client: Any, state: str) -> tuple[int, int]:
    if state == "EMPTY":
        return _init(client)
    producer = _open(client)
    if state == "OPEN":
        return producer
    (ended,) = _end(client, producer, committed=state != "ABORTED")
    if state == "ENDING":
        return producer
    client.connection.settle(ended.token)
    client.answers()
    return producer


@pytest.mark.parametrize(
    ("state", "add", "produce", "commit", "abort", "init"),
    [
        ("EMPTY", 0, 48, 48, 48, 0),
        ("OPEN", 0, "taken", "ends", "ends", "ends"),
        ("ENDING", 51, 48, "waits", 51, 51),
        ("COMMITTED", 0, 48, 0, 48, 0),
        ("ABORTED", 0, 48, 48, 0, 0),
    ],
)
def test_every_request_in_every_state(
    connect: Callable[[Broker], Any],
    batches: Any,
    state: str,
    add: Any,
    produce: Any,
    commit: Any,
    abort: Any,
    init: Any,
) -> None:
    def fresh() -> tuple[Any, tuple[int, int]]:
        broker = Broker()
        producer = _state(connect(broker), state)
        return connect(broker), producer

    client, producer = fresh()
    assert _add(client, producer) == [add]

    client, producer = fresh()
    event = _produce(client, batches, producer)
    assert isinstance(event, Produced) if produce == "taken" else client.results() == [(produce, -1)]

    for committed, expected in ((True, commit), (False, abort)):
        client, producer = fresh()
        events = _end(client, producer, committed)
        assert [event.committed for event in events] == ([committed] if expected == "ends" else [])
        assert _codes(client) == ([expected] if isinstance(expected, int) else [])

    client, producer = fresh()
    events = client.init(T)
    assert [event.committed for event in events] == ([False] if init == "ends" else [])
    assert _codes(client) == ([init] if isinstance(init, int) else [])


@pytest.mark.parametrize("error", [0, 56])
def test_a_retry_of_the_end_waits_for_the_first(client: Any, other: Any, error: int) -> None:
    producer = _open(client)
    (ended,) = _end(client, producer)
    assert _end(other, producer) == []
    assert other.connection.data_to_send() == b""
    assert client.connection.settle(ended.token, error=error) == [other.connection]
    assert _codes(client) == _codes(other) == [error]


@pytest.mark.parametrize("version", range(4))
@pytest.mark.parametrize(
    ("change", "code"),
    [((5, 0), 49), ((0, -1), "fenced"), ((0, 1), 47)],
    ids=["another producer id", "an old epoch", "a future epoch"],
)
def test_a_wrong_producer_is_refused(client: Any, version: int, change: tuple[int, int], code: Any) -> None:
    producer = _open(client)
    wrong = (producer[0] + change[0], producer[1] + change[1])
    expected = (90 if version >= 2 else 47) if code == "fenced" else code
    assert _add(client, wrong, version=version) == [expected]
    assert _end_error(client, wrong, version=version) == expected


def test_an_unknown_transactional_id(client: Any, batches: Any) -> None:
    assert _add(client, (0, 0)) == [49]
    assert _end_error(client, (0, 0)) == 49
    assert isinstance(_produce(client, batches, (0, 0)), Rejected)
    assert client.results() == [(49, -1)]


def test_a_transactional_batch_without_a_transactional_id(client: Any, batches: Any) -> None:
    producer = _open(client)
    assert isinstance(_produce(client, batches, producer, name=None), Rejected)
    assert client.results() == [(49, -1)]


def test_only_added_partitions_are_written(client: Any, batches: Any) -> None:
    producer = _init(client)
    assert _add(client, producer, "another") == [0]
    event = _produce(client, batches, producer)
    assert isinstance(event, Rejected)
    assert "t-0" in event.reason
    assert client.results() == [(48, -1)]
    assert _add(client, producer) == [0]
    assert isinstance(_produce(client, batches, producer), Produced)


def test_partitions_are_added_for_one_transaction(client: Any, batches: Any) -> None:
    producer = _open(client)
    (ended,) = _end(client, producer)
    client.connection.settle(ended.token)
    assert _codes(client) == [0]
    assert _add(client, producer, "another") == [0]
    assert isinstance(_produce(client, batches, producer), Rejected)


def test_an_old_epoch_cannot_produce(client: Any, batches: Any) -> None:
    old = _init(client)
    new = _open(client)
    assert isinstance(_produce(client, batches, old), Rejected)
    assert client.results() == [(47, -1)]
    assert isinstance(_produce(client, batches, new), Produced)


def test_partitions_are_added_all_or_none(client: Any, broker: Broker, batches: Any) -> None:
    producer = _init(client)
    assert _add(client, producer, "t", "a b", "u") == [55, 17, 55]
    assert isinstance(_produce(client, batches, producer), Rejected)


def test_transactional_ids_are_bounded(connect: Callable[[Broker], Any]) -> None:
    client = connect(Broker(limits=Limits(max_producers=2)))
    for name in ("a", "b"):
        _init(client, name=name)
    assert _init(client, name="a") == (0, 1)
    _init(client, name="c")
    assert _init(client, name="a") == (0, 2)
    assert _init(client, name="b") == (3, 0)
