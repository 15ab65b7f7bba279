"""What both stream shells do with their transport, shown with a machine that does as it is told."""

from typing import Any

import pytest

from ftcrm.mockserver.intake import MAX_TAKEN_BYTES
from ftcrm.mockserver.listeners.stream import StreamShell


class Machine:
    """Answers each piece with itself, in brackets; "end" closes it."""

    def __init__(self) -> None:
        self.out = b""
        self.closed = False

    def receive(self, data: bytes) -> None:
        self.out += b"<" + data + b">"
        self.closed = self.closed or data == b"end"

    def data_to_send(self) -> bytes:
        out, self.out = self.out, b""
        return out


class Shell(StreamShell[Machine]):
    is_over = False

    def feed(self, data: bytes) -> None:
        self.machine.receive(data)

    def ended(self) -> None:
        self.is_over = True


@pytest.fixture
def desk(stand: Any) -> Any:
    return stand.make()


@pytest.fixture
def shells() -> set[Any]:
    return set()


@pytest.fixture
def peer(desk: Any, streams: Any, shells: set[Any]) -> Any:
    return streams.Peer(Shell(Machine(), desk.intake, shells))


def congest(desk: Any, stand: Any) -> None:
    desk.take(stand.delivery(b"x" * (MAX_TAKEN_BYTES + 1)))
    assert desk.intake.congested


def test_answers_are_written_as_they_come(peer: Any) -> None:
    peer.send(b"a")
    peer.send(b"b")
    assert peer.transport.written == b"<a><b>"


def test_nothing_is_written_when_there_is_nothing_to_say(peer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer.transport, "write", lambda data: pytest.fail(f"wrote {data!r}"))
    peer.shell.flush()
    assert peer.transport.written == b""


def test_a_closed_machine_closes_the_transport_after_its_last_words(peer: Any) -> None:
    peer.send(b"end")
    assert (peer.transport.written, peer.transport.told) == (b"<end>", ["close"])


def test_a_shell_is_known_while_it_is_connected(peer: Any, shells: set[Any]) -> None:
    assert shells == {peer.shell}
    peer.gone()
    assert shells == set()
    assert peer.shell.is_over


def test_reading_stops_while_too_much_is_taken(peer: Any, desk: Any, stand: Any) -> None:
    congest(desk, stand)
    assert peer.transport.reading
    peer.send(b"a")
    assert not peer.transport.reading
    assert peer.transport.written == b"<a>"
    desk.turns.run()
    assert peer.transport.reading
    assert peer.transport.told == ["pause", "resume"]


def test_what_was_under_way_when_reading_stopped_is_taken_and_waits_once(peer: Any, desk: Any, stand: Any) -> None:
    congest(desk, stand)
    peer.send(b"a")
    peer.send(b"b")
    assert peer.transport.written == b"<a><b>"
    desk.turns.run_out()
    assert peer.transport.told == ["pause", "resume"]


def test_reading_stops_again_at_the_next_congestion(peer: Any, desk: Any, stand: Any) -> None:
    for _ in range(2):
        congest(desk, stand)
        peer.send(b"a")
        desk.turns.run_out()
    assert peer.transport.told == ["pause", "resume"] * 2


def test_reading_stops_while_the_answers_are_not_taken(peer: Any) -> None:
    peer.shell.pause_writing()
    assert not peer.transport.reading
    peer.shell.resume_writing()
    assert peer.transport.reading


@pytest.mark.parametrize("first", ["commit", "peer"])
def test_reading_goes_on_when_both_reasons_to_stop_are_over(peer: Any, desk: Any, stand: Any, first: str) -> None:
    congest(desk, stand)
    peer.send(b"a")
    peer.shell.pause_writing()
    if first == "commit":
        desk.turns.run()
    else:
        peer.shell.resume_writing()
    assert not peer.transport.reading
    if first == "commit":
        peer.shell.resume_writing()
    else:
        desk.turns.run()
    assert peer.transport.reading


def test_a_peer_that_is_gone_is_left_alone(peer: Any, desk: Any, stand: Any) -> None:
    congest(desk, stand)
    peer.send(b"a")
    told = list(peer.transport.told)
    peer.gone(ConnectionResetError())
    desk.turns.run_out()
    peer.shell.machine.out = b"late"
    peer.shell.flush()
    peer.shell.abort()
    peer.shell.leave()
    peer.shell.resume_writing()
    assert peer.transport.told == told
    assert peer.transport.written == b"<a>"


def test_a_transport_that_closes_is_not_paused(peer: Any, desk: Any, stand: Any) -> None:
    """The fake transport, like uvloop's, refuses it."""
    congest(desk, stand)
    peer.send(b"end")
    peer.shell.pause_writing()
    desk.turns.run_out()
    assert peer.transport.told == ["close"]


def test_abort_cuts(peer: Any) -> None:
    peer.shell.abort()
    assert peer.transport.told == ["abort"]
