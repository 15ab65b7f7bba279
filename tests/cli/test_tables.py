import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.cli.tables import FRAME, Layout, layout

HEADER = ("round", "user", "outcome", "lines", "findings")
ROW = ("2019031407", "52530", "settled", "10, 11, 12", "FT302, FT303")
LESS = ("outcome", "lines")
FOLDED = ("lines", "findings")


def _layout(width: int, *rows: tuple[str, ...]) -> Layout:
    return layout(HEADER, rows or (ROW,), width=width, less_important=LESS, foldable=FOLDED)


def test_with_room_every_column_is_as_wide_as_its_widest_cell() -> None:
    assert _layout(200) == Layout({"round": 10, "user": 5, "outcome": 7, "lines": 10, "findings": 12}, ())


def test_what_folds_at_blanks_is_folded_before_anything_is_left_out() -> None:
    assert _layout(54).widths == {"round": 10, "user": 5, "outcome": 7, "lines": 8, "findings": 8}
    assert _layout(51).widths == {"round": 10, "user": 5, "outcome": 7, "lines": 5, "findings": 8}


@pytest.mark.parametrize(("width", "left_out"), [(50, ("outcome",)), (40, LESS), (10, LESS)])
def test_the_least_important_column_is_left_out_first(width: int, left_out: tuple[str, ...]) -> None:
    assert _layout(width).left_out == left_out


def test_what_is_never_left_out_is_folded_within_its_words_at_last() -> None:
    found = _layout(25)
    assert found.left_out == LESS
    assert found.widths == {"round": 5, "user": 5, "findings": 5}


CELLS = st.text("ab ,", max_size=30)


@given(rows=st.lists(st.tuples(*[CELLS] * 5), min_size=1, max_size=5), width=st.integers(20, 200))
def test_the_table_always_fits_and_keeps_what_matters(rows: list[tuple[str, ...]], width: int) -> None:
    found = _layout(width, *rows)
    assert sum(found.widths.values()) + FRAME * len(found.widths) + 1 <= width
    assert min(found.widths.values()) >= 1
    assert {"round", "user", "findings"} <= found.widths.keys()
    assert [*found.widths, *found.left_out] == sorted(HEADER, key=[*found.widths, *found.left_out].index)
    assert set(found.widths) | set(found.left_out) == set(HEADER)
