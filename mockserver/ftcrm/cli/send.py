"""`ftcrm send`: publish a file of events through any connector."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import aclosing
from itertools import chain

import click

from ftcrm.cli.files import FILE, long_size, read_file
from ftcrm.cli.output import finding_line, printable, quiet_libraries
from ftcrm.cli.progress import progress
from ftcrm.client import Outgoing, Sent, Target, open_sender
from ftcrm.contracts.lines import Line, Mark
from ftcrm.contracts.messages import Connector, message_type_of

__all__ = ["command"]

_FINE, _REFUSED, _NOTHING = 0, 1, 3


@click.command()
@click.argument("file", type=FILE)
@click.option("--to", "url", metavar="URL", required=True, help="http://..., amqp://... or kafka://...")
@click.option("--api-key", metavar="KEY", envvar="FTCRM_API_KEY", help="Sent over REST in the header X-Api-Key.")
@click.pass_context
def command(ctx: click.Context, file: str, url: str, api_key: str | None) -> None:
    """Send the events of FILE ("-" is standard input) in their order: one JSON document a line, a JSON array, or a
    saved history.

    \b
    http://HOST:PORT[/runs/NAME]         (with or without /v1/integration/casino)
    amqp://USER:PASSWORD@HOST:PORT/VHOST?exchange=NAME&routing_key=KEY   (routing key ftcrm unless told)
    kafka://[USER:PASSWORD@]HOST:PORT/TOPIC                              (topic ftcrm unless told)

    Each is an event as it is sent, or an entry as the admin API shows it; entries of transactions that did not commit,
    and those whose body was cut off, are skipped.

    A broker takes any event and judges none: what becomes of it is known where it is consumed.

    Exits with 0 when all were accepted or taken, 1 when some were refused, 2 when FILE or URL cannot be used, 3 when
    there was nothing to send, 4 when the connector cannot be reached.
    """
    quiet_libraries()
    connector = Target.parse(url).connector
    with progress("sending", total=long_size(file)) as bar:
        sendable = _Sendable(read_file(file, bar.advance))
        first = next(sendable, None)
        if first is None:
            click.echo(f"ftcrm: {file}: expected events to send, got none", err=True)
            ctx.exit(_NOTHING)
        counts: Counter[bool] = Counter()

        def note(line: Line, sent: Sent) -> None:
            counts[sent.accepted] += 1
            if not sent.accepted:
                bar.say("\n".join(_refusal(file, line, sent)))

        try:
            asyncio.run(_send_all(chain((first,), sendable), url, api_key, note))
        finally:
            if counts:
                bar.say(_summary(connector, counts, sendable.skipped))
    ctx.exit(_REFUSED if counts[False] else _FINE)


class _Sendable(Iterator[Line]):
    """The lines that can be sent as they came, and how many could not."""

    def __init__(self, lines: Iterator[Line | Mark]) -> None:
        self._lines = lines
        self.skipped = 0

    def __next__(self) -> Line:
        for line in self._lines:
            if isinstance(line, Mark):
                continue
            if not line.aborted and line.message.size is None:
                return line
            self.skipped += 1
        raise StopIteration


async def _send_all(lines: Iterable[Line], url: str, api_key: str | None, note: Callable[[Line, Sent], None]) -> None:
    under_way: deque[Line] = deque()

    def outgoing() -> Iterator[Outgoing]:
        for line in lines:
            under_way.append(line)
            yield Outgoing(message_type_of(line.message), line.message.raw)

    async with open_sender(url, api_key=api_key) as sender, aclosing(sender.send_all(outgoing())) as results:
        async for sent in results:
            note(under_way.popleft(), sent)


def _summary(connector: Connector, counts: Counter[bool], skipped: int) -> str:
    more = f", skipped {skipped}" if skipped else ""
    if connector == "rest":
        return f"sent {counts.total()}, accepted {counts[True]}, refused {counts[False]}{more}"
    return (
        f"published {counts[True]}, refused {counts[False]}{more} (a broker takes any event and judges none: "
        "the findings are at the consumer, of `ftcrm serve` under /_ftcrm/findings)"
    )


def _refusal(file: str, line: Line, sent: Sent) -> Iterator[str]:
    yield printable(f"{file}:{line.number}: refused: {sent.reason}")
    for finding in sent.findings:
        yield f"    {finding_line(finding)}"
