"""The column of agentkit.

Each function does `size` items of work and returns `Sample(items, seconds)`, or the bare pair; a missing function
shows as "not offered" in the table. Only the running is timed, never the making of definitions. Every function
asserts that the work was done: a counter of the no-op agent reached the number, the results are there, and all events
can be read back from the journal. Storing functions return the bytes on disk as third value (`size_of(directory)`
after closing, in a `scratch()` directory).

    def chain(size: int) -> Sample   size no-op stages, each after the one before; memory store
    def fan(size: int) -> Sample   one stage, `size` stages after it, one stage after all of these; memory store
    def layered(size: int) -> Sample   ten layers of size/10 stages, each after two of the layer before; memory store
    def operations(size: int) -> Sample   `size` operations of three stages at once; items are operations; memory store
    def durable_one(size: int) -> Sample   the same one after another; SQLite, synchronous=FULL
    def durable_many(size: int, lines: Path) -> Sample   the same all at once; `lines` is for the baseline only
    def resume(size: int, lines: Path) -> Sample   stored operation of `size` events to its state; items are events
    def feed(size: int) -> Sample   `size` events to one live reader, from the append to the reader's hand
    def agent(size: int) -> Sample   `size` agents made and kept; items are agents
    def imports(size: int) -> Sample   import_seconds("from agentkit import Agent, Orchestrator, Stage, Workflow", size)
    def lines(scenario: str, size: int, path: Path) -> None

`lines` writes the very lines that agentkit stores, one event a line, for scenario "resume" (one operation of `size`
events) and "durable_many" (all events of `size` operations of three stages, operation after operation); without it
the lines are made up. A file `benchmarks/agentkit_<name>.py` with any of these functions is one more subject of that
name, such as another store.
"""
