"""CSV table: rows as a spreadsheet reads them (RFC 4180), none of whose cells is taken for a formula. Pure.

In: cells. Out: a line. What a publisher wrote would be computed by a spreadsheet if it began with = + - @, a tab or a
carriage return: such a cell begins with an apostrophe instead (OWASP, "CSV Injection").
"""

import csv
import io
from collections.abc import Iterable

FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


def write_row(cells: Iterable[str]) -> str:
    """A row of the table, with its line end."""
    text = io.StringIO()
    csv.writer(text).writerow(map(neutralise, cells))
    return text.getvalue()


def neutralise(cell: str) -> str:
    """The cell, which no spreadsheet computes."""
    return f"'{cell}" if cell.startswith(FORMULA_BEGINS) else cell
