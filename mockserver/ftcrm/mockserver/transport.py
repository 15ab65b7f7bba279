"""What the connectors keep beside a message: JSON-able transport metadata, and the run that it is bound to."""

import base64

__all__ = ["name_or_base64", "run_of_topic", "run_of_vhost", "storable", "text_or_base64"]


def text_or_base64(value: bytes | None) -> str | dict[str, str] | None:
    """Bytes as text when they are UTF-8, else as {"base64": ...}, so that nothing is lost; None stays None."""
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def name_or_base64(name: str) -> str | dict[str, str] | None:
    """A name that a protocol machine read with `surrogateescape`, as `text_or_base64` gives its bytes."""
    return name if name.isascii() else text_or_base64(name.encode("utf-8", "surrogateescape"))


def storable(name: str) -> str:
    """A name as neither JSON nor SQLite refuses it: bytes that were no UTF-8 become escapes."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def run_of_vhost(vhost: str) -> str:
    """The run that a RabbitMQ virtual host binds: "/" and "" are the run `default`."""
    return "default" if vhost in ("", "/") else storable(vhost)


def run_of_topic(topic: str) -> str:
    """The run that a Kafka topic binds: `runs.NAME.anything` is the run NAME, every other topic `default`."""
    prefix, _, rest = topic.partition(".")
    name, dot, _ = rest.partition(".")
    return name if prefix == "runs" and dot and name else "default"
