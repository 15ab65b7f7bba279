"""Methods about exchanges, queues and consumers.

Without a topology (the permissive default) everything is answered as if it had worked, and nothing is remembered but
consumer tags. With one, the virtual host decides. Queues hand nothing out: they are always empty.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from . import methods
from .errors import PeerError, ReplyCode
from .methods import Method
from .topology import Binding, Exchange, Queue, VirtualHost

if TYPE_CHECKING:
    from .channel import Channel


def declare_exchange(
    channel: "Channel",
    *,
    exchange: str,
    type: str,  # noqa: A002 - the argument's name in the specification
    passive: bool,
    durable: bool,
    auto_delete: bool,
    internal: bool,
    nowait: bool,
    arguments: dict[str, Any],
) -> None:
    """exchange.declare."""
    vhost = channel.session.vhost
    if vhost is not None and passive:
        vhost.exchange(exchange)
    elif vhost is not None:
        vhost.declare_exchange(Exchange(exchange, type, durable, auto_delete, internal, arguments))
    channel.answer(methods.EXCHANGE_DECLARE_OK, nowait=nowait)


def delete_exchange(channel: "Channel", *, exchange: str, if_unused: bool, nowait: bool) -> None:
    """exchange.delete."""
    if channel.session.vhost is not None:
        channel.session.vhost.delete_exchange(exchange, if_unused=if_unused)
    channel.answer(methods.EXCHANGE_DELETE_OK, nowait=nowait)


def bind_exchange(
    channel: "Channel", *, destination: str, source: str, routing_key: str, nowait: bool, arguments: dict[str, Any]
) -> None:
    """exchange.bind."""
    if channel.session.vhost is not None:
        channel.session.vhost.bind(Binding(source, "exchange", destination, routing_key, arguments))
    channel.answer(methods.EXCHANGE_BIND_OK, nowait=nowait)


def unbind_exchange(
    channel: "Channel", *, destination: str, source: str, routing_key: str, nowait: bool, arguments: dict[str, Any]
) -> None:
    """exchange.unbind."""
    if channel.session.vhost is not None:
        channel.session.vhost.unbind(Binding(source, "exchange", destination, routing_key, arguments))
    channel.answer(methods.EXCHANGE_UNBIND_OK, nowait=nowait)


def declare_queue(
    channel: "Channel",
    *,
    queue: str,
    passive: bool,
    durable: bool,
    exclusive: bool,
    auto_delete: bool,
    nowait: bool,
    arguments: dict[str, Any],
) -> None:
    """queue.declare: an empty name asks the server for one, or for the last one when it is passive."""
    vhost = channel.session.vhost
    wanted = Queue(queue, durable, exclusive, auto_delete, arguments)
    if passive:
        queue = _named(channel, queue)
        _require_queue(vhost, queue)
    elif vhost is not None:
        if queue:
            vhost.declare_queue(wanted)
        else:
            queue = vhost.generate_queue(wanted)
    elif not queue:
        queue = channel.session.generate("amq.gen-")
    channel.last_queue = queue
    channel.answer(methods.QUEUE_DECLARE_OK, nowait=nowait, queue=queue)


def bind_queue(
    channel: "Channel", *, queue: str, exchange: str, routing_key: str, nowait: bool, arguments: dict[str, Any]
) -> None:
    """queue.bind."""
    binding = _queue_binding(channel, queue, exchange, routing_key, arguments)
    if channel.session.vhost is not None:
        channel.session.vhost.bind(binding)
    channel.answer(methods.QUEUE_BIND_OK, nowait=nowait)


def unbind_queue(channel: "Channel", *, queue: str, exchange: str, routing_key: str, arguments: dict[str, Any]) -> None:
    """queue.unbind."""
    binding = _queue_binding(channel, queue, exchange, routing_key, arguments)
    if channel.session.vhost is not None:
        channel.session.vhost.unbind(binding)
    channel.answer(methods.QUEUE_UNBIND_OK)


def purge_queue(channel: "Channel", *, queue: str, nowait: bool) -> None:
    """queue.purge."""
    _require_queue(channel.session.vhost, _named(channel, queue))
    channel.answer(methods.QUEUE_PURGE_OK, nowait=nowait)


def delete_queue(channel: "Channel", *, queue: str, nowait: bool, **_: object) -> None:
    """queue.delete: queues are always empty and unused, so neither condition can fail."""
    queue = _named(channel, queue)
    if channel.session.vhost is not None:
        channel.session.vhost.delete_queue(queue)
    channel.answer(methods.QUEUE_DELETE_OK, nowait=nowait)


def limit_prefetch(channel: "Channel", **_: object) -> None:
    """basic.qos."""
    channel.answer(methods.BASIC_QOS_OK)


def consume(channel: "Channel", *, queue: str, consumer_tag: str, nowait: bool, **_: object) -> None:
    """basic.consume: the consumer is registered and never gets anything."""
    _require_queue(channel.session.vhost, _named(channel, queue))
    consumer_tag = consumer_tag or channel.session.generate("amq.ctag-")
    if consumer_tag in channel.consumers:
        raise PeerError(ReplyCode.NOT_ALLOWED, f"attempt to reuse consumer tag '{consumer_tag}'")
    channel.consumers.add(consumer_tag)
    channel.answer(methods.BASIC_CONSUME_OK, nowait=nowait, consumer_tag=consumer_tag)


def cancel(channel: "Channel", *, consumer_tag: str, nowait: bool) -> None:
    """basic.cancel: a tag that is not there is no error."""
    channel.consumers.discard(consumer_tag)
    channel.answer(methods.BASIC_CANCEL_OK, nowait=nowait, consumer_tag=consumer_tag)


def get(channel: "Channel", *, queue: str, **_: object) -> None:
    """basic.get: there is never anything to get."""
    _require_queue(channel.session.vhost, _named(channel, queue))
    channel.answer(methods.BASIC_GET_EMPTY)


def recover(channel: "Channel", **_: object) -> None:
    """basic.recover."""
    channel.answer(methods.BASIC_RECOVER_OK)


def recover_async(channel: "Channel", **_: object) -> None:
    """basic.recover-async, which has no reply."""


HANDLERS: Final[dict[Method, Callable[..., None]]] = {
    methods.EXCHANGE_DECLARE: declare_exchange,
    methods.EXCHANGE_DELETE: delete_exchange,
    methods.EXCHANGE_BIND: bind_exchange,
    methods.EXCHANGE_UNBIND: unbind_exchange,
    methods.QUEUE_DECLARE: declare_queue,
    methods.QUEUE_BIND: bind_queue,
    methods.QUEUE_UNBIND: unbind_queue,
    methods.QUEUE_PURGE: purge_queue,
    methods.QUEUE_DELETE: delete_queue,
    methods.BASIC_QOS: limit_prefetch,
    methods.BASIC_CONSUME: consume,
    methods.BASIC_CANCEL: cancel,
    methods.BASIC_GET: get,
    methods.BASIC_RECOVER: recover,
    methods.BASIC_RECOVER_ASYNC: recover_async,
}


def _named(channel: "Channel", queue: str) -> str:
    """Resolve the empty name, which stands for the queue that this channel declared last."""
    if queue or channel.session.vhost is None:
        return queue
    if not channel.last_queue:
        raise PeerError(ReplyCode.NOT_FOUND, "no previously declared queue")
    return channel.last_queue


def _require_queue(vhost: VirtualHost | None, queue: str) -> None:
    if vhost is not None:
        vhost.queue(queue)


def _queue_binding(
    channel: "Channel", queue: str, exchange: str, routing_key: str, arguments: dict[str, Any]
) -> Binding:
    # Both empty: "bind the last queue by its own name", which the specification keeps from older clients.
    key = channel.last_queue if not queue and not routing_key else routing_key
    return Binding(exchange, "queue", _named(channel, queue), key, arguments)
