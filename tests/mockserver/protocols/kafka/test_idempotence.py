"""Idempotent producers: retries, order, epochs, and what is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.mockserver.protocols.kafka import Broker, Limits, Rejected
from ftcrm.mockserver.protocols.kafka.sequences import SEQUENCES

P = 5  # a producer id


@pytest.fixture
def other(broker: Broker, connect: Callable[[Broker], Any]) -> Any:
    return connect(broker)


def _settled(client: Any, data: bytes) -> None:
    client.connection.settle(client.produced(("t", 0, data)).token)


def _refused(client: Any, data: bytes) -> int:
    (event,) = client.produce(("t", 0, data))
    assert isinstance(event, Rejected)
    ((error, offset),) = client.results()
    assert offset == -1
    return int(error)


def test_the_batch_says_who_produced_it(client: Any, batches: Any) -> None:
    (batch,) = client.produced(("t", 0, batches.batch(2, producer=(P, 3, 40)))).batches
    assert (batch.producer_id, batch.producer_epoch, batch.base_sequence) == (P, 3, 40)


def test_a_retry_after_the_settlement_gets_the_originals_offset(client: Any, other: Any, batches: Any) -> None:
    first, second = (batches.batch(2, producer=(P, 0, base)) for base in (0, 2))
    _settled(client, first)
    _settled(client, second)
    assert client.results() == [(0, 0), (0, 2)]
    for connection in (client, other):
        assert connection.produce(("t", 0, first)) == []
        assert connection.results() == [(0, 0)]
    _settled(client, batches.batch(1, producer=(P, 0, 4)))
    assert client.results() == [(0, 4)]


@pytest.mark.parametrize("error", [0, 56])
def test_a_retry_waits_for_the_original_on_another_connection(
    client: Any, other: Any, batches: Any, error: int
) -> None:
    data = batches.batch(2, producer=(P, 0, 0))
    original = client.produced(("t", 0, data))
    assert other.produce(("t", 0, data)) == []
    assert other.produce(("t", 0, data)) == []
    assert other.connection.data_to_send() == b""
    assert client.connection.settle(original.token, error=error) == [other.connection]
    expected = (error, -1 if error else 0)
    assert client.results() == [expected]
    assert other.results() == [expected, expected]


def test_a_retry_waits_on_the_same_connection(client: Any, batches: Any) -> None:
    data = batches.batch(2, producer=(P, 0, 0))
    original = client.produced(("t", 0, data))
    assert client.produce(("t", 0, data)) == []
    assert client.connection.settle(original.token) == []
    assert client.results() == [(0, 0), (0, 0)]


def test_a_retry_with_something_new_waits_for_both(client: Any, other: Any, batches: Any) -> None:
    old, new = (batches.batch(2, producer=(P, 0, base)) for base in (0, 2))
    original = client.produced(("t", 0, old))
    event = other.produced(("t", 0, old), ("t", 0, new))
    assert [batch.base_sequence for batch in event.batches] == [2]
    other.connection.settle(event.token)
    assert other.connection.data_to_send() == b""
    client.connection.settle(original.token)
    assert other.results() == [(0, 0), (0, 2)]


def test_a_retry_in_the_request_itself(client: Any, batches: Any) -> None:
    data = batches.batch(2, producer=(P, 0, 0))
    event = client.produced(("t", 0, data), ("t", 0, data))
    assert len(event.batches) == 1
    client.connection.settle(event.token)
    assert client.results() == [(0, 0), (0, 0)]


def test_a_retry_on_a_connection_that_has_closed_is_let_go(client: Any, other: Any, batches: Any) -> None:
    data = batches.batch(2, producer=(P, 0, 0))
    original = client.produced(("t", 0, data))
    other.produce(("t", 0, data))
    other.connection.eof()
    assert client.connection.settle(original.token) == []
    assert other.connection.data_to_send() == b""


def test_the_retry_of_a_refused_batch_is_taken(client: Any, batches: Any) -> None:
    data = batches.batch(2, producer=(P, 0, 0))
    client.connection.settle(client.produced(("t", 0, data)).token, error=56)
    _settled(client, data)
    assert client.results() == [(56, -1), (0, 0)]


def test_refused_batches_in_flight_are_all_taken_again(client: Any, batches: Any) -> None:
    flight = [batches.batch(2, producer=(P, 0, base)) for base in (0, 2, 4)]
    tokens = [client.produced(("t", 0, data)).token for data in flight]
    for token in tokens:
        client.connection.settle(token, error=56)
    for data in flight:
        _settled(client, data)
    assert [error for error, _ in client.results()] == [56] * 3 + [0] * 3


def test_a_refused_batch_is_taken_again_behind_later_ones(client: Any, batches: Any) -> None:
    first, second, third = (batches.batch(2, producer=(P, 0, base)) for base in (0, 2, 4))
    tokens = [client.produced(("t", 0, data)).token for data in (first, second)]
    client.connection.settle(tokens[0], error=56)
    client.connection.settle(tokens[1])
    _settled(client, first)
    _settled(client, third)
    assert client.results() == [(56, -1), (0, 2), (0, 4), (0, 6)]
    assert client.produce(("t", 0, first)) == []
    assert client.results() == [(0, 4)]


@pytest.mark.parametrize("base", [1, 3, 100, SEQUENCES - 1])
def test_sequences_out_of_order(client: Any, batches: Any, base: int) -> None:
    _settled(client, batches.batch(2, producer=(P, 0, 0)))
    client.results()
    assert _refused(client, batches.batch(2, producer=(P, 0, base))) == 45
    _settled(client, batches.batch(2, producer=(P, 0, 2)))


def test_the_same_base_with_another_length_is_no_retry(client: Any, batches: Any) -> None:
    _settled(client, batches.batch(2, producer=(P, 0, 0)))
    client.results()
    assert _refused(client, batches.batch(3, producer=(P, 0, 0))) == 45


def test_a_refusal_after_a_new_epoch_changes_nothing(client: Any, batches: Any) -> None:
    old = client.produced(("t", 0, batches.batch(1, producer=(P, 0, 0))))
    _settled(client, batches.batch(1, producer=(P, 1, 0)))
    client.connection.settle(old.token, error=56)
    assert client.results() == [(56, -1), (0, 1)]
    _settled(client, batches.batch(1, producer=(P, 1, 1)))


def test_five_batches_are_remembered(client: Any, batches: Any) -> None:
    sent = [batches.batch(1, producer=(P, 0, base)) for base in range(6)]
    for data in sent:
        _settled(client, data)
    client.results()
    assert _refused(client, sent[0]) == 45
    for base, data in enumerate(sent[1:], 1):
        assert client.produce(("t", 0, data)) == []
        assert client.results() == [(0, base)]


def test_sequences_start_over(client: Any, batches: Any) -> None:
    last = batches.batch(3, producer=(P, 0, SEQUENCES - 2))
    _settled(client, last)
    _settled(client, batches.batch(1, producer=(P, 0, 1)))
    assert client.results() == [(0, 0), (0, 3)]
    assert client.produce(("t", 0, last)) == []
    assert client.results() == [(0, 0)]


def test_epochs(client: Any, batches: Any) -> None:
    _settled(client, batches.batch(1, producer=(P, 4, 9)))
    _settled(client, batches.batch(1, producer=(P, 5, 0)))
    client.results()
    assert _refused(client, batches.batch(1, producer=(P, 4, 10))) == 47
    assert _refused(client, batches.batch(1, producer=(P, 6, 1))) == 45
    _settled(client, batches.batch(1, producer=(P, 5, 1)))
    assert client.results() == [(0, 2)]


def test_partitions_and_producers_are_apart(connect: Callable[[Broker], Any], batches: Any) -> None:
    client = connect(Broker(partitions=2))
    for partition, producer in ((0, P), (1, P), (0, 6)):
        client.produced(("t", partition, batches.batch(1, producer=(producer, 0, 0))))


def test_a_producer_id_without_a_sequence(client: Any, batches: Any) -> None:
    assert _refused(client, batches.batch(1, producer=(P, 0, -1))) == 87


def test_sequences_of_a_client_without_idempotence_mean_nothing(client: Any, batches: Any) -> None:
    for _ in range(2):
        _settled(client, batches.batch(1, producer=(-1, -1, 0)))
    assert client.results() == [(0, 0), (0, 1)]


def test_the_longest_unused_producer_is_forgotten(connect: Callable[[Broker], Any], batches: Any) -> None:
    client = connect(Broker(limits=Limits(max_producers=2)))
    _settled(client, batches.batch(1, producer=(1, 0, 0)))
    _settled(client, batches.batch(1, producer=(2, 0, 0)))
    _settled(client, batches.batch(1, producer=(1, 0, 1)))
    _settled(client, batches.batch(1, producer=(3, 0, 0)))
    _settled(client, batches.batch(1, producer=(2, 0, 77)))
    client.results()
    assert client.produce(("t", 0, batches.batch(1, producer=(3, 0, 0)))) == []


def test_an_oversized_batch_does_not_move_the_sequence(connect: Callable[[Broker], Any], batches: Any) -> None:
    client = connect(Broker(limits=Limits(max_record=100)))
    for _ in range(2):
        event = client.produced(("t", 0, batches.batch([b"x" * 200], producer=(P, 0, 0))))
        assert event.batches[0].refused
    client.produced(("t", 0, batches.batch(1, producer=(P, 0, 0))))


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["ok", "refuse", "lose answer"])), max_size=8))
def test_a_client_that_retries_until_it_is_answered_writes_every_record_once(
    connect: Callable[[Broker], Any], batches: Any, steps: list[tuple[int, str]]
) -> None:
    broker = Broker()
    base, values = 0, []
    for number, (size, fate) in enumerate(steps):
        sent = [b"%d/%d" % (number, at) for at in range(size)]
        data = batches.batch(sent, producer=(P, 0, base))
        for attempt in (fate, "ok"):
            client = connect(broker)
            for event in client.produce(("t", 0, data)):
                if attempt != "refuse":
                    values += [record.value for record in event.batches[0].records]
                client.connection.settle(event.token, error=56 if attempt == "refuse" else 0)
            if attempt == "ok":
                assert client.results() == [(0, broker.next_offset("t", 0) - size)]
                break
        base += size
    assert values == [b"%d/%d" % (number, at) for number, (size, _) in enumerate(steps) for at in range(size)]
    assert broker.next_offset("t", 0) == len(values)
