"""The royalty run, on its own small and messy sales."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from agentkit import OperationFailed
from agentkit.kernel import AttemptFailed, AttemptStarted, OperationAccepted
from agentkit.money import AuditTrail, JsonLinesSink, Money, replay_calculations, verifier_text
from examples.royalties_in_python.model import Options
from examples.royalties_in_python.reading import read_rates
from tests.examples.royalty_runs import EXAMPLE, ROOT, column, contents, records, royalty_run

CHINOOK = ROOT.parent / "shared" / "data" / "chinook" / "chinook.sqlite"
RATES = ROOT.parent / "shared" / "data" / "exchange-rates" / "monthly.csv"
AMOUNTS = ("artist_share", "label_share")


async def test_the_summary_tells_what_was_sold_and_who_gets_what(tmp_path: Path) -> None:
    summary = (await royalty_run(tmp_path)).summary

    assert (summary.artists, summary.sales, summary.total) == (6, 27, Money("61.74", "USD"))
    assert (summary.artist_share, summary.label_share) == (Money("30.92", "USD"), Money("30.82", "USD"))
    written = json.loads((tmp_path / "2024" / "summary.json").read_text())
    assert written["total"] == {"amount": "61.74", "currency": "USD"}


async def test_every_row_is_a_sale_or_outside_of_the_period_or_in_quarantine(tmp_path: Path) -> None:
    summary = (await royalty_run(tmp_path)).summary

    assert summary.sales + summary.outside + summary.quarantined == summary.rows == 43
    assert summary.mended == {"date": 4, "artist": 1, "price": 5}


async def test_the_quarantine_says_what_is_wrong_with_which_line(tmp_path: Path) -> None:
    await royalty_run(tmp_path)

    issues = [(record["line"], record["field"]) for record in records(tmp_path / "2024" / "quarantine.csv")]

    assert issues == [
        *[("11", "row"), ("13", "id"), ("16", "date"), ("17", "artist"), ("18", "price"), ("22", "price")],
        *[("24", "date"), ("25", "row"), ("28", "quantity"), ("37", "price"), ("39", "row")],
        *[("41", "price"), ("41", "quantity")],
    ]


async def test_every_line_statement_and_summary_adds_up_to_the_cent(tmp_path: Path) -> None:
    await royalty_run(tmp_path)
    statements = sorted((tmp_path / "2024" / "statements").iterdir())

    for path in statements:
        amounts = column(path, "amount")
        shares = [column(path, name) for name in AMOUNTS]
        assert [sum(parts) for parts in zip(*shares, strict=True)] == amounts
        assert all(sum(each[:-1]) == each[-1] for each in (amounts, *shares))
    totals = [column(path, "amount")[-1] for path in statements]
    assert [*totals, sum(totals)] == column(tmp_path / "2024" / "summary.csv", "total")


async def test_the_rates_are_asked_again_after_they_were_not_ready(tmp_path: Path) -> None:
    run = await royalty_run(tmp_path)

    failures = [event for event in run.journal if isinstance(event, AttemptFailed) and event.stage == "rates"]

    assert [(event.attempt, event.then, event.failure.code) for event in failures] == [(1, "retry", "try_again")]
    assert run.stages_of(AttemptStarted).count("rates") == 2


async def test_without_contracts_the_fallback_shares_by_the_standard_terms(tmp_path: Path) -> None:
    run = await royalty_run(tmp_path, artist_share="0.25")

    agents = [event.agent for event in run.journal if isinstance(event, AttemptStarted) and event.stage == "share"]

    assert agents == ["share_by_contract", "share_by_standard"]
    assert run.result.fallbacks == {"share": "share_by_standard"}
    assert Money(15, "USD") < run.summary.artist_share < Money(16, "USD")


async def test_with_contracts_every_artist_gets_the_agreed_share(tmp_path: Path) -> None:
    run = await royalty_run(tmp_path, contracts=str(EXAMPLE / "contracts.csv"))

    shares = {record["artist"]: record["artist_share"] for record in records(tmp_path / "2024" / "summary.csv")}

    assert run.result.fallbacks == {}
    assert shares["Ibis & Oak"] == "11.62"
    assert shares["Måne Trio"] == "2.42"


async def test_the_sources_are_read_side_by_side(tmp_path: Path) -> None:
    run = await royalty_run(tmp_path)

    assert [type(event) for event in run.journal[:4]] == [OperationAccepted, *3 * [AttemptStarted]]
    assert run.stages_of(AttemptStarted)[:3] == ["sales", "rates", "contracts"]


async def test_a_second_run_writes_the_same_bytes(tmp_path: Path) -> None:
    await royalty_run(tmp_path)
    first = contents(tmp_path)
    (tmp_path / "2024" / ".summary.csv.part").write_text("what a crash left behind")

    await royalty_run(tmp_path)

    assert contents(tmp_path) == first
    assert len(first) == 6 + 4


def test_every_conversion_and_share_is_in_a_trail_that_anybody_can_verify(tmp_path: Path) -> None:
    run = asyncio.run(royalty_run(tmp_path))
    trail, verifier = tmp_path / "2024" / "audit.jsonl", tmp_path / "verify_audit.py"
    verifier.write_bytes(verifier_text())

    # Alone: no site packages, and so no agentkit.
    command = [sys.executable, "-I", "-S", str(verifier), str(trail)]
    sound = subprocess.run(command, capture_output=True, text=True, check=False)
    trail.write_bytes(trail.read_bytes().replace(b'"61.', b'"62.').replace(b'"amount":"0.99"', b'"amount":"9.99"', 1))
    forged = subprocess.run(command, capture_output=True, text=True, check=False)

    assert sound.returncode == 0, sound.stderr
    assert str(2 * run.summary.sales) in sound.stdout, "a conversion and a share for each sale"
    assert forged.returncode != 0


def test_what_the_trail_says_can_be_calculated_again(tmp_path: Path) -> None:
    run = asyncio.run(royalty_run(tmp_path, currency="EUR", contracts=str(EXAMPLE / "contracts.csv")))
    rates = read_rates(Options(period="2024")).table()

    with AuditTrail(JsonLinesSink(tmp_path / "2024" / "audit.jsonl")) as trail:
        done = trail.replay(replay_calculations(rates=rates))
        actors = {entry.actor for entry in trail.entries()}

    assert (done.performed, done.unknown, done.deviations) == (2 * run.summary.sales, {}, ())
    assert actors == {f"{run.result.operation_id}/{stage}" for stage in ("convert", "share")}


async def test_a_later_run_leaves_no_statement_of_an_earlier_one(tmp_path: Path) -> None:
    source = tmp_path / "sales.csv"
    lines = (EXAMPLE / "sales.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    source.write_text("".join(line for line in lines if "=Equals" not in line), encoding="utf-8")
    await royalty_run(tmp_path)

    await royalty_run(tmp_path, source=str(source))

    names = [path.name for path in (tmp_path / "2024" / "statements").iterdir()]
    assert len(names) == 5
    assert "001-equals.csv" not in names


async def test_without_its_chart_the_run_completes(tmp_path: Path) -> None:
    (tmp_path / "2024" / "top-artists.svg").mkdir(parents=True)

    run = await royalty_run(tmp_path)

    assert run.result.missing == ("charts",)
    assert run.summary.chart is None
    assert run.summary.total == Money("61.74", "USD")


async def test_the_report_may_be_in_another_currency(tmp_path: Path) -> None:
    euros = (await royalty_run(tmp_path / "euros", currency="EUR")).summary
    yen = (await royalty_run(tmp_path / "yen", currency="JPY")).summary

    assert (euros.currency, euros.total) == ("EUR", euros.artist_share + euros.label_share)
    assert (yen.total.amount.as_tuple().exponent, yen.total) == (0, yen.artist_share + yen.label_share)


async def test_a_name_that_looks_like_a_formula_is_only_text(tmp_path: Path) -> None:
    await royalty_run(tmp_path)

    assert "'=Equals" in [record["artist"] for record in records(tmp_path / "2024" / "summary.csv")]


@pytest.mark.parametrize(
    ("options", "stage"),
    [
        ({"period": "last year"}, "sales"),
        ({"artist_shar": "0.6"}, "sales"),
        ({"source": "sales.xlsx"}, "sales"),
        ({"rates": "nowhere.csv"}, "rates"),
        ({"contracts": "nowhere.csv"}, "contracts"),
    ],
)
async def test_what_cannot_be_used_fails_its_stage(options: dict[str, str], stage: str, tmp_path: Path) -> None:
    with pytest.raises(OperationFailed) as failure:
        await royalty_run(tmp_path, **options)

    assert failure.value.stage == stage


async def test_sales_come_out_of_a_database_as_out_of_a_file(tmp_path: Path) -> None:
    source = tmp_path / "store.sqlite"
    with closing(sqlite3.connect(source)) as connection:
        connection.executescript("""
            CREATE TABLE Artist (ArtistId, Name); CREATE TABLE Album (AlbumId, ArtistId);
            CREATE TABLE Track (TrackId, AlbumId, Name);
            CREATE TABLE Invoice (InvoiceId, InvoiceDate, BillingCountry);
            CREATE TABLE InvoiceLine (InvoiceLineId, InvoiceId, TrackId, UnitPrice NUMERIC(10, 2), Quantity);
            INSERT INTO Artist VALUES (1, 'Nora Quill'); INSERT INTO Album VALUES (1, 1);
            INSERT INTO Track VALUES (1, 1, 'Ink'), (2, NULL, 'Untitled Demo');
            INSERT INTO Invoice VALUES (1, '2024-02-29 00:00:00', 'Norway');
            INSERT INTO InvoiceLine VALUES (1, 1, 1, 0.1, 3), (2, 1, 1, 1.99, 1), (3, 1, 2, 0.99, 1);
            INSERT INTO InvoiceLine VALUES (4, 1, 1, 0.995, 1), (5, 1, 1, NULL, 1);
        """)

    summary = (await royalty_run(tmp_path, source=str(source))).summary

    assert (summary.sales, summary.quarantined, summary.total) == (2, 3, Money("2.29", "USD"))


@pytest.mark.skipif(not (CHINOOK.exists() and RATES.exists()), reason="the real data is not here")
@pytest.mark.parametrize(
    ("period", "artists", "sales", "total"), [("2024", 119, 447, "477.53"), ("all", 165, 2_240, "2328.60")]
)
async def test_real_sales_add_up_exactly(period: str, artists: int, sales: int, total: str, tmp_path: Path) -> None:
    run = await royalty_run(tmp_path, period=period, source=str(CHINOOK), rates=str(RATES))

    summary = run.summary

    assert (summary.artists, summary.sales, str(summary.total)) == (artists, sales, f"{total} USD")
    assert summary.artist_share + summary.label_share == Money(total, "USD")
    assert len(list((tmp_path / period / "statements").iterdir())) == artists
