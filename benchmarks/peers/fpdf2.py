"""fpdf2 2.8: a table and a drawn chart, as its tutorial writes them. It orchestrates nothing, and its PDF has no tags.

The font is the one of agentkit's reports, as the fonts that every PDF reader has cannot write names of the world.
"""

from time import perf_counter

from fpdf import FPDF

from benchmarks.sample import ROOT, Sample, scratch
from benchmarks.sold import COLUMNS, bars, rows

NO_WORKFLOWS = "it writes PDFs, and knows no workflows"
CANNOT = dict.fromkeys(
    ("chain", "chain_plain", "fan", "operations", "durable_one", "durable_many", "agent", "imports"), NO_WORKFLOWS
)
FONTS = ROOT / "src" / "agentkit" / "data" / "reports" / "fonts"


def report_pdf(size: int) -> Sample:
    cells = [(row[0], row[1].isoformat(), f"{row[2]:,}", f"{row[3] / 100:,.2f}", *row[4:]) for row in rows(size)]
    with scratch() as folder:
        start = perf_counter()
        pdf = FPDF()
        pdf.add_page()
        pdf.add_font("Noto", fname=FONTS / "NotoSans-Regular.ttf")
        pdf.add_font("Noto", style="B", fname=FONTS / "NotoSans-Bold.ttf")
        pdf.set_font("Noto", size=9)
        most = max(cents for _, cents in bars())
        for name, cents in bars():
            pdf.cell(30, 5, name)
            pdf.rect(pdf.get_x(), pdf.get_y() + 1, 120 * cents / most, 3, style="F")
            pdf.ln()
        with pdf.table() as table:
            for line in [COLUMNS, *cells]:
                row = table.row()
                for cell in line:
                    row.cell(cell)
        pdf.output(str(folder / "sales.pdf"))
        seconds = perf_counter() - start
        assert (folder / "sales.pdf").stat().st_size > size
    return Sample(size, seconds)
