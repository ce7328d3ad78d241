"""openpyxl 3.1: workbooks in its write-only mode, the fastest it has. It orchestrates nothing."""

from time import perf_counter

from openpyxl import Workbook

from benchmarks.sample import Sample, scratch
from benchmarks.sold import COLUMNS, rows

NO_WORKFLOWS = "it writes workbooks, and knows no workflows"
CANNOT = dict.fromkeys(
    ("chain", "chain_plain", "fan", "operations", "durable_one", "durable_many", "agent", "imports"), NO_WORKFLOWS
)


def report_excel(size: int) -> Sample:
    cells = [(*row[:3], row[3] / 100, *row[4:]) for row in rows(size)]
    with scratch() as folder:
        start = perf_counter()
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Sales")
        sheet.append(COLUMNS)
        for row in cells:
            sheet.append(row)
        book.save(folder / "sales.xlsx")
        seconds = perf_counter() - start
        assert (folder / "sales.xlsx").stat().st_size > size
    return Sample(size, seconds)
