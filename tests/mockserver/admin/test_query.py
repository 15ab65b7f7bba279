"""Query strings, parsed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from ftcrm.mockserver.admin.query import AdminError, Query, parse_query

KNOWN = frozenset({"run", "user_id"})


def test_a_query_is_its_filters_limit_and_cursor() -> None:
    found = parse_query(QueryParams("run=a%20b&user_id=&limit=5&cursor=1.2"), KNOWN)
    assert found == Query({"run": "a b", "user_id": ""}, 5, "1.2")
    assert found.cursor_numbers(2) == (1, 2)


def test_an_empty_query_asks_for_the_first_hundred() -> None:
    found = parse_query(QueryParams(""), KNOWN)
    assert found == Query({}, 100, None)
    assert found.cursor_numbers(3) == (0, 0, 0)


@given(items=st.lists(st.tuples(st.sampled_from(["run", "user_id", "limit", "cursor", "x"]) | st.text(), st.text())))
def test_a_query_is_taken_whole_or_refused(items: list[tuple[str, str]]) -> None:
    names = [name for name, _ in items]
    found = code = None
    try:
        found = parse_query(QueryParams(items), KNOWN)
    except AdminError as error:
        code = error.code
    if set(names) - KNOWN - {"limit", "cursor"}:
        assert code in ("unknown-filter", "repeated-filter")
    elif len(set(names)) < len(names):
        assert code == "repeated-filter"
    elif found is None:
        assert (code, "limit" in names) == ("bad-limit", True)
    else:
        assert found.filters == {name: value for name, value in items if name in KNOWN}
        assert found.cursor == dict(items).get("cursor")


@given(cursor=st.text() | st.from_regex(r"[0-9]{0,20}(\.[0-9]{0,19}){0,3}", fullmatch=True), count=st.integers(1, 4))
def test_a_cursor_is_numbers_or_refused(cursor: str, count: int) -> None:
    query = Query({}, 1, cursor)
    if re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,18})*", cursor) and cursor.count(".") == count - 1:
        assert query.cursor_numbers(count) == tuple(map(int, cursor.split(".")))
    else:
        with pytest.raises(AdminError, match=r"cursor: expected a next_cursor of this list, got ") as refused:
            query.cursor_numbers(count)
        assert (refused.value.status, refused.value.code) == (400, "bad-cursor")


def test_what_is_not_known_is_named_with_what_is() -> None:
    with pytest.raises(AdminError) as refused:
        parse_query(QueryParams("colour=red"), KNOWN)
    assert refused.value.message == "colour: expected one of the parameters cursor, limit, run, user_id"
    with pytest.raises(AdminError) as refused:
        parse_query(QueryParams("limit=1"), frozenset(), paged=False)
    assert refused.value.message == "limit: expected one of the parameters none"
