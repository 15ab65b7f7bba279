"""Tables as wide as a terminal: what does not fit is folded or left out, the least important first, never cut short."""

from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from ftcrm.cli.output import printable

__all__ = ["FRAME", "Layout", "draw_table", "layout"]

FRAME = 3
"""What a column costs beside its text: a blank on either side and a line; the table has one line more."""


class Layout(msgspec.Struct, frozen=True):
    """The columns that are shown with the width of each, and those that are left out."""

    widths: Mapping[str, int]
    left_out: tuple[str, ...]


def draw_table(
    title: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    less_important: Sequence[str],
    foldable: Collection[str],
    numbers: Collection[str] = (),
) -> None:
    """Draw the table on the terminal, columns of `numbers` to the right; see `layout`."""
    from rich.cells import cell_len  # noqa: PLC0415 - loaded when a table is drawn
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console()
    cells = [[printable(cell) for cell in row] for row in rows]
    found = layout(
        header, cells, width=console.width, less_important=less_important, foldable=foldable, measure=cell_len
    )
    table = Table(title=title, title_justify="left")
    for name, width in found.widths.items():
        table.add_column(name, width=width, overflow="fold", justify="right" if name in numbers else "left")
    for row in cells:
        table.add_row(*(Text(cell) for name, cell in zip(header, row, strict=True) if name in found.widths))
    console.print(table)
    if found.left_out:
        names = ", ".join(found.left_out)
        console.print(Text(f"left out at {console.width} columns: {names} (--format json has everything)\n"))


def layout(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    width: int,
    less_important: Sequence[str],
    foldable: Collection[str],
    measure: Callable[[str], int] = len,
) -> Layout:
    """How wide each column is, within `width` altogether.

    Columns that are `foldable` give way first, down to their longest word. Then columns are left out, in the order of
    `less_important`. When what remains is still too wide, the widest is folded within its words.
    """
    wanted, needed = {}, {}
    for name, *cells in zip(header, *rows, strict=True):
        texts = [name, *cells]
        wanted[name] = max(1, *map(measure, texts))
        words = (word for text in texts for word in text.split())
        needed[name] = max(map(measure, words), default=1) if name in foldable else wanted[name]
    left_out: list[str] = []
    for name in less_important:
        if _spare(needed, width) >= 0:
            break
        del needed[name]
        left_out.append(name)
    while _spare(needed, width) < 0 and (widest := max(needed, key=needed.__getitem__)) and needed[widest] > 1:
        needed[widest] -= 1
    spare = max(0, _spare(needed, width))
    widths = {}
    for name, least in needed.items():
        widths[name] = min(wanted[name], least + spare)
        spare -= widths[name] - least
    return Layout(widths, tuple(left_out))


def _spare(widths: Mapping[str, int], width: int) -> int:
    return width - sum(widths.values()) - FRAME * len(widths) - 1
