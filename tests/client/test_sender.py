import asyncio
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from ftcrm.client import Outgoing, Sender, Sent
from ftcrm.contracts.errors import SendError


class Scripted(Sender):
    """A sender whose answers come when the test sets them."""

    default_in_flight = 3

    def __init__(self, *, in_flight: int | None = None) -> None:
        super().__init__(in_flight=in_flight)
        self.answers: list[asyncio.Future[Sent]] = []
        self.submitted: list[Outgoing] = []

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def _submit(self, message: Outgoing) -> asyncio.Future[Sent]:
        self.submitted.append(message)
        self.answers.append(asyncio.get_running_loop().create_future())
        return self.answers[-1]


def _messages(count: int) -> list[Outgoing]:
    return [Outgoing("CASINO", b"%d" % number) for number in range(count)]


def test_results_come_in_the_order_of_the_messages_whatever_the_order_of_the_answers() -> None:
    async def run() -> list[int | None]:
        sender = Scripted()
        results = sender.send_all(_messages(3))
        first = asyncio.ensure_future(anext(results))
        await asyncio.sleep(0)
        for number in (2, 1, 0):
            sender.answers[number].set_result(Sent(True, status=number))
        return [(await first).status] + [sent.status async for sent in results]

    assert asyncio.run(run()) == [0, 1, 2]


def test_no_more_than_the_limit_is_in_flight() -> None:
    async def run() -> tuple[int, int]:
        sender = Scripted(in_flight=2)
        async with aclosing(sender.send_all(_messages(5))) as results:
            first = asyncio.ensure_future(anext(results))
            await asyncio.sleep(0)
            before = len(sender.submitted)
            sender.answers[0].set_result(Sent(True))
            await first
            second = asyncio.ensure_future(anext(results))
            await asyncio.sleep(0)
            after = len(sender.submitted)
            sender.answers[1].set_result(Sent(True))
            await second
            return before, after

    assert asyncio.run(run()) == (2, 3)


def test_the_first_failure_ends_it_and_what_is_in_flight_is_let_go() -> None:
    async def run() -> Scripted:
        sender = Scripted()
        results = sender.send_all(_messages(3))
        first = asyncio.ensure_future(anext(results))
        await asyncio.sleep(0)
        sender.answers[0].set_exception(SendError("gone"))
        with pytest.raises(SendError, match="gone"):
            await first
        return sender

    sender = asyncio.run(run())
    assert [answer.cancelled() for answer in sender.answers] == [False, True, True]


def test_what_was_handed_over_is_answered_before_the_messages_own_failure_is_raised() -> None:
    def messages() -> Iterator[Outgoing]:
        yield from _messages(2)
        raise ValueError("line 3")

    async def run() -> list[bool]:
        sender = Scripted()
        results = sender.send_all(messages())
        first = asyncio.ensure_future(anext(results))
        await asyncio.sleep(0)
        for answer in sender.answers:
            answer.set_result(Sent(True))
        answered = [(await first).accepted, (await anext(results)).accepted]
        with pytest.raises(ValueError, match="line 3"):
            await anext(results)
        return answered

    assert asyncio.run(run()) == [True, True]


@pytest.mark.parametrize(
    ("body", "rules"),
    [
        ({"findings": [{"rule": "FT114"}]}, ["FT114"]),
        ({"error": {"message": "no", "findings": [{"rule": "FT110"}, "noise"]}}, ["FT110"]),
        ({"error": "no"}, []),
        ({"error": {"findings": "no"}}, []),
        ("not JSON", []),
        (None, []),
    ],
)
def test_findings_are_read_from_answers_of_either_shape(body: object, rules: list[str]) -> None:
    assert [finding["rule"] for finding in Sent(False, body=body).findings] == rules
