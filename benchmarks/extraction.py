"""Five sources of 100,000 rows each: how much longer do they take together than the slowest one alone?

`python -m benchmarks.extraction [ROWS]` makes the sources, reads each alone and all at the same time, three times each,
and prints the best. The API answers a page of 1,000 rows after 50 milliseconds, from a process of its own. Sources that
wait overlap; what Python computes for them does not, so that is told too, as seconds of the processor.
"""

import asyncio
import json
import multiprocessing
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from agentkit.data import (
    Access,
    CsvSource,
    HttpSource,
    JsonLinesSource,
    NumberPaging,
    ParquetSource,
    Source,
    SqlSource,
    extract,
)

PAGE = 1_000
ANSWER_SECONDS = 0.05
ROUNDS = 3
NAMES = ("artist", "title", "day", "sold", "price")


def rows(count: int) -> list[tuple[str, str, str, int, str]]:
    return [
        (f"Artist {n % 997}", f"Song {n}", f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}", n % 50, f"{n % 30}.{n % 100:02}")
        for n in range(count)
    ]


def serve(count: int, told: Connection) -> None:
    made = [dict(zip(NAMES, row, strict=True)) for row in rows(count)]
    pages = [json.dumps(made[start : start + PAGE]).encode() for start in range(0, count, PAGE)]

    class Api(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            time.sleep(ANSWER_SECONDS)
            number = int(parse_qs(urlsplit(self.path).query)["page"][0]) - 1
            data = pages[number] if number < len(pages) else b"[]"
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
            self.wfile.write(head.encode() + data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    told.send(server.server_port)
    server.serve_forever()


def make(folder: Path, count: int) -> None:
    import polars

    made = rows(count)
    frame = polars.DataFrame(made, schema=list(NAMES), orient="row")
    frame.write_csv(folder / "sales.csv")
    frame.write_ndjson(folder / "sales.jsonl")
    frame.write_parquet(folder / "sales.parquet")
    with closing(sqlite3.connect(folder / "sales.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE sales (artist TEXT, title TEXT, day TEXT, sold INTEGER, price TEXT)")
        connection.executemany("INSERT INTO sales VALUES (?, ?, ?, ?, ?)", made)


def api(name: str, port: int) -> HttpSource:
    return HttpSource(name=name, url=f"http://127.0.0.1:{port}/", paging=NumberPaging(size=PAGE))


def measured(sources: Sequence[Source], access: Access) -> tuple[float, float]:
    """The best seconds on the clock, and of the processor, of reading these sources at the same time."""
    best: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        begun, used = time.perf_counter(), time.process_time()
        asyncio.run(extract(sources, access=access))
        best.append((time.perf_counter() - begun, time.process_time() - used))
    return min(best)


def compare(title: str, sources: Sequence[Source], access: Access) -> None:
    alone = {source.name: measured([source], access) for source in sources}
    together, used = measured(sources, access)
    slowest = max(seconds for seconds, _ in alone.values())
    print(f"{title}\n  " + "\n  ".join(f"{name:10} {s:6.2f} s, {p:5.2f} s cpu" for name, (s, p) in alone.items()))
    print(f"  together   {together:6.2f} s, {used:5.2f} s cpu: {together / slowest:.2f} times the slowest\n")


@contextmanager
def offered(count: int) -> Iterator[tuple[Access, list[Source], int]]:
    """Four files and what may read them, and the port of an API, while the block lasts."""
    near, far = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(count, far), daemon=True)
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder), count)
            files: list[Source] = [
                CsvSource(name="csv", path="sales.csv"),
                JsonLinesSource(name="lines", path="sales.jsonl"),
                ParquetSource(name="parquet", path="sales.parquet"),
                SqlSource(name="sql", path="sales.sqlite", query="SELECT * FROM sales"),
            ]
            yield Access(root=folder, networks=("127.0.0.1/32",)), files, near.recv()
    finally:
        server.terminate()
        server.join()


def main(count: int) -> None:
    with offered(count) as (access, files, port):
        compare("Four files and an API", [*files, api("api", port)], access)
        compare("Five APIs", [api(f"api {number}", port) for number in range(1, 6)], access)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
