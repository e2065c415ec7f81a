"""Tables: drawn on a terminal, plain columns where a program reads."""

import sys
from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str | int]]) -> None:
    """Print on standard output; whole numbers stand to the right."""
    if sys.stdout.isatty():
        _draw(headings, rows)
    else:
        _columns(headings, rows)


def _draw(headings: Sequence[str], rows: Sequence[Sequence[str | int]]) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if _is_numeric(rows, number) else "left")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else cell for cell in row))
    Console().print(table)


def _columns(headings: Sequence[str], rows: Sequence[Sequence[str | int]]) -> None:
    cells = [[str(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    numeric = [_is_numeric(rows, number) for number in range(len(headings))]
    for row in cells:
        padded = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numeric, strict=True)
        )
        click.echo("  ".join(padded).rstrip())


def _is_numeric(rows: Sequence[Sequence[str | int]], column: int) -> bool:
    return bool(rows) and all(isinstance(row[column], int) for row in rows)
