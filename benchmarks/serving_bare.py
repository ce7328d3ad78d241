"""Bare FastAPI: what the routes of a server cost without agentkit. `python -m benchmarks.serving_bare FOLDER PORT`.

The fastest plain form of each: a route that commits does so on the loop, since handing it to a thread costs more; a
body is a model, an answer a dict; the server is uvicorn as it is started by default, without an access log.
"""

import asyncio
import socket
import sqlite3
import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, JsonValue

from .serving_sample import EVENT, PAGE


class Order(BaseModel):
    """What is asked for."""

    workflow: str
    input: JsonValue = None


def application(folder: Path) -> FastAPI:
    """Three routes: one that commits a row, one that shows a page, and one that tells everybody."""
    connection = sqlite3.connect(folder / "rows.db", isolation_level=None, check_same_thread=False)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("create table if not exists row (id integer primary key, data text)")
    app = FastAPI()
    listeners: set[WebSocket] = set()

    @app.post("/rows", status_code=202)
    async def add(order: Order) -> dict[str, Any]:
        cursor = connection.execute("insert into row (data) values (?)", (order.model_dump_json(),))
        return {**PAGE, "id": str(cursor.lastrowid)}

    @app.get("/pages/{name}")
    async def show(name: str) -> dict[str, Any]:
        return {**PAGE, "id": name}

    @app.websocket("/listen")
    async def listen(line: WebSocket) -> None:
        await line.accept()
        listeners.add(line)
        try:
            while True:
                await line.receive_text()
        except WebSocketDisconnect:
            listeners.discard(line)

    @app.post("/tell/{count}")
    async def tell(count: int) -> dict[str, int]:
        async def everybody() -> None:
            for number in range(1, count + 1):
                kind = "operation.completed" if number == count else "attempt.succeeded"
                text = EVENT.format(number=number, kind=kind)
                for line in listeners:
                    await line.send_text(text)
                await asyncio.sleep(0)

        telling = asyncio.create_task(everybody())
        app.state.telling = telling
        return {"count": count}

    return app


def main() -> None:
    """Serve until killed."""
    folder = Path(sys.argv[1])
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        print(f"serving on http://127.0.0.1:{listener.getsockname()[1]}", file=sys.stderr, flush=True)
        config = uvicorn.Config(application(folder), access_log=False, log_level="warning")
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
