from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands, frame

from ftcrm.mockserver.protocols.amqp import methods
from ftcrm.mockserver.protocols.amqp.errors import PeerError, ReplyCode
from ftcrm.mockserver.protocols.amqp.frames import method_frame
from ftcrm.mockserver.protocols.amqp.methods import METHODS, Method

ARGUMENTS: dict[str, st.SearchStrategy[Any]] = {
    "bit": st.booleans(),
    "octet": st.integers(0, 255),
    "short": st.integers(0, 65535),
    "long": st.integers(0, (1 << 31) - 1),
    "longlong": st.integers(0, (1 << 63) - 1),
    "shortstr": st.text("abc.é", max_size=20),
    "longstr": st.binary(max_size=20),
    "table": st.dictionaries(st.text("ab", max_size=3), st.integers(0, 9) | st.text("ab"), max_size=3),
}


def _argument_strategies(method: Method) -> st.SearchStrategy[dict[str, Any]]:
    named = {name: ARGUMENTS[kind] for name, kind in method.arguments if not name.startswith("reserved")}
    return st.fixed_dictionaries(named)


methods_with_arguments = st.sampled_from(sorted(METHODS.values(), key=repr)).flatmap(
    lambda method: st.tuples(st.just(method), _argument_strategies(method))
)


@given(methods_with_arguments)
def test_a_method_is_read_as_it_was_written(case: tuple[Method, dict[str, Any]]) -> None:
    method, arguments = case
    assert methods.decode(methods.encode(method, **arguments)) == (method, arguments)


@pytest.mark.filterwarnings("ignore:This command is deprecated:DeprecationWarning")
@given(methods_with_arguments.filter(lambda case: case[0].class_id != methods.ACCESS_REQUEST.class_id))
def test_pamqp_agrees_on_every_method_it_has(case: tuple[Method, dict[str, Any]]) -> None:
    method, arguments = case
    theirs = commands.INDEX_MAPPING[method.class_id << 16 | method.method_id]
    assert theirs.name.lower().replace("-", "").replace(".", "") == method.name.replace("-", "").replace(".", "")
    kinds = [kind for _, kind in method.arguments]
    assert [theirs.amqp_type(name) for name in theirs.attributes()] == kinds

    _, channel, value = frame.unmarshal(method_frame(7, method, **arguments))
    assert (channel, type(value)) == (7, theirs)
    got = [getattr(value, name) for name in theirs.attributes()]
    expected = [arguments[name] for name, _ in method.arguments if not name.startswith("reserved")]
    kept = [item for item, (name, _) in zip(got, method.arguments, strict=True) if not name.startswith("reserved")]
    assert [item.encode() if isinstance(item, str) else item for item in kept] == [
        item.encode() if isinstance(item, str) else item for item in expected
    ]


def test_pamqp_knows_no_method_that_we_do_not() -> None:
    ours = {class_id << 16 | method_id for class_id, method_id in METHODS}
    assert set(commands.INDEX_MAPPING) <= ours


@given(methods_with_arguments, st.data())
def test_a_truncated_method_is_refused(case: tuple[Method, dict[str, Any]], data: st.DataObject) -> None:
    method, arguments = case
    payload = methods.encode(method, **arguments)
    cut = data.draw(st.integers(0, len(payload) - 1))
    with pytest.raises(PeerError) as caught:
        methods.decode(payload[:cut])
    assert caught.value.code is (ReplyCode.FRAME_ERROR if cut < 4 else ReplyCode.SYNTAX_ERROR)


def test_bytes_behind_the_arguments_are_refused() -> None:
    with pytest.raises(PeerError, match=r"tx\.commit is malformed: 1 bytes follow") as caught:
        methods.decode(methods.encode(methods.TX_COMMIT) + b"\0")
    assert caught.value.code is ReplyCode.SYNTAX_ERROR


def test_a_method_that_does_not_exist_is_not_implemented() -> None:
    with pytest.raises(PeerError, match="no method 99 in class 60") as caught:
        methods.decode(b"\0\x3c\0\x63")
    assert caught.value.code is ReplyCode.NOT_IMPLEMENTED


def test_an_argument_that_does_not_exist_is_the_callers_error() -> None:
    with pytest.raises(TypeError, match="que"):
        methods.encode(methods.QUEUE_DECLARE_OK, que="q")
