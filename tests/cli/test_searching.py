"""A search that ends before its time: what it had found is written all the same."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest

from ftcrm.cli.searching import Search
from ftcrm.contracts import Message
from ftcrm.contracts.errors import SendError
from ftcrm.strategies.fuzzing import RemoteTarget, read_history

URL = "http://127.0.0.1:1"
"""Nobody listens there, and nothing is sent: a connection would come with the first event."""
Made = Callable[[Callable[[Sequence[Message]], tuple[str, ...]]], RemoteTarget]


@pytest.fixture
def target_that() -> Iterator[Made]:
    """Make targets that differ so."""
    made: list[RemoteTarget] = []

    def make(differences: Callable[[Sequence[Message]], tuple[str, ...]]) -> RemoteTarget:
        class Local(RemoteTarget):
            def differences(self, messages: Sequence[Message]) -> tuple[str, ...]:
                return differences(messages)

        made.append(Local([URL]))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize("tried", [1, 6])
def test_an_interrupt_while_it_shrinks_leaves_the_smallest_so_far(
    target_that: Made, tmp_path: Path, tried: int
) -> None:
    calls, sizes = count(1), []

    def interrupted(messages: Sequence[Message]) -> tuple[str, ...]:
        if next(calls) > tried:
            raise KeyboardInterrupt
        sizes.append(len(messages))
        return ("it differs",)

    search = Search(target_that(interrupted), 50, 7, {})
    fuzzed = search.made(None, tmp_path, "again {history}")
    assert fuzzed.is_interrupted
    differing = fuzzed.differing
    assert differing is not None
    assert differing.differences == ("it differs",)
    assert len(read_history(differing.history)) == min(sizes)
    assert differing.replay == f"again {differing.history}"
    assert differing.files is not None
    assert all(each.exists() for each in differing.files)


def test_an_interrupt_before_anything_differs_leaves_nothing(target_that: Made, tmp_path: Path) -> None:
    calls = count(1)

    def interrupted(_: Sequence[Message]) -> tuple[str, ...]:
        if next(calls) > 3:
            raise KeyboardInterrupt
        return ()

    fuzzed = Search(target_that(interrupted), 50, 7, {}).made(None, tmp_path, "again {history}")
    assert (fuzzed.is_interrupted, fuzzed.examples, fuzzed.differing) == (True, 3, None)
    assert list(tmp_path.iterdir()) == []


def test_the_history_after_which_the_target_is_gone_is_written(target_that: Made, tmp_path: Path) -> None:
    calls, last = count(1), []

    def dying(messages: Sequence[Message]) -> tuple[str, ...]:
        if next(calls) > 3:
            last.append(len(messages))
            raise SendError(f"{URL}: gone")
        return ()

    with pytest.raises(SendError) as caught:
        Search(target_that(dying), 50, 7, {}).made(None, tmp_path, "again {history}")
    (history,) = tmp_path.glob("*.jsonl")
    assert str(caught.value) == f"{URL}: gone; what it was sent before is in {history}"
    assert len(read_history(history)) == last[0]
    assert '"http://127.0.0.1:1: gone"' in history.with_suffix(".json").read_text()


def test_a_target_that_was_never_there_leaves_nothing(target_that: Made, tmp_path: Path) -> None:
    def gone(_: Sequence[Message]) -> tuple[str, ...]:
        raise SendError(f"{URL}: gone")

    with pytest.raises(SendError, match=rf"^{URL}: gone$"):
        Search(target_that(gone), 50, 7, {}).made(None, tmp_path, "again {history}")
    assert list(tmp_path.iterdir()) == []
