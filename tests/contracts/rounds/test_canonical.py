"""The canonical order: by instant, then activity_id, then digest of the content; equal contents as they arrived."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts.events.content import content_digest
from ftcrm.contracts.rounds.members import canonical


@given(data=st.data())
def test_the_order_is_that_of_instant_id_digest_and_arrival(feed: Any, data: st.DataObject) -> None:
    members = feed.members(data.draw(st.lists(feed.events, max_size=9)))
    wanted = sorted(
        members,
        key=lambda member: (
            member.event.timestamp,
            member.event.activity_id,
            content_digest(member.event),
            member.seq,
        ),
    )
    assert canonical(data.draw(st.permutations(members))) == wanted


def test_what_ties_in_instant_and_id_is_told_apart_by_its_content(feed: Any) -> None:
    """Twenty contents: by chance alone they would not come out in the order of their digests."""
    events = [feed.casino_event(balance_after=number) for number in range(20)]
    digests = [content_digest(member.event) for member in canonical(feed.members(events))]
    assert digests == sorted(digests)
    one, other = sorted(events[:2], key=content_digest)
    assert [member.event for member in canonical(feed.members([other, one]))] == [one, other]
