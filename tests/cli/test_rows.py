import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.cli.rows import Rows

CELLS = st.text("ab é\n", max_size=5)


@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3)))
def test_rows_come_back_as_they_were_and_as_often_as_asked(rows: list[list[str]]) -> None:
    with Rows(["a", "b", "c"]) as kept:
        for cells in rows:
            kept.add(cells)
        assert len(kept) == len(rows)
        assert list(kept) == list(kept) == rows


def test_a_column_is_as_wide_as_its_widest_cell_and_numbers_stand_to_the_right() -> None:
    with Rows(["round", "bet", "state"]) as kept:
        kept.add(["r1", "20", "open"])
        kept.add(["round-2", "5", "settled"])
        assert list(kept.lines(numbers={"bet"})) == [
            "round    bet  state",
            "r1        20  open",
            "round-2    5  settled",
        ]


@pytest.mark.parametrize(("second", "titles"), [("one", ("user",)), ("two", ("run", "user"))])
def test_what_only_tells_rows_apart_is_left_out_where_it_does_not(second: str, titles: tuple[str, ...]) -> None:
    with Rows(["run", "user"], tell_apart={"run"}) as kept:
        kept.add(["one", "u"])
        kept.add([second, "u"])
        assert kept.titles == titles
        assert [len(cells) for cells in kept] == [len(titles)] * 2
        assert [len(line.split()) for line in kept.lines()] == [len(titles)] * 3


@pytest.mark.parametrize(("second", "titles"), [("-", ("user",)), ("1", ("left out", "user"))])
def test_what_is_rare_is_left_out_where_no_row_has_it(second: str, titles: tuple[str, ...]) -> None:
    with Rows(["left out", "user"], rare={"left out"}) as kept:
        kept.add([second, "u"])
        kept.add([second, "u"])
        assert kept.titles == titles


def test_many_rows_are_put_into_a_file() -> None:
    with Rows(["cell"]) as kept:
        for number in range(20_000):
            kept.add([f"{number:060}"])
        assert [int(cells[0]) for cells in kept] == list(range(20_000))
        assert kept._file._rolled  # type: ignore[attr-defined]
