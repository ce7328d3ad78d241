"""A file of sales as people export it, and what both sides make of it: cleaned and without repeated ids."""

import random
from pathlib import Path

HEADER = ("id", "date", "artist", "country", "price", "quantity")
ARTISTS = [*(f"Artist {number}" for number in range(400)), "  Nora   Quill ", "Måne Trio"]


def write_sales(path: Path, size: int) -> None:
    """Write so many rows: six of ten prices are messy, two of a hundred are none, two of a hundred ids come again."""
    chance = random.Random(7)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(HEADER) + "\n")
        for number in range(size):
            repeated = number - chance.randrange(1000) if chance.random() < 0.02 else number
            day = f"2024-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
            words = chance.choice(ARTISTS), chance.choice(("USA", "Germany", "Japan"))
            sold = chance.randrange(1, 9)
            file.write(f'S{max(repeated, 0):07},{day},{",".join(words)},"{_price(chance)}",{sold}\n')


def _price(chance: random.Random) -> str:
    units, cents = divmod(chance.randrange(100, 5_000_000), 100)
    form = chance.random()
    for most, written in (
        (0.40, f"{units}.{cents:02}"),
        (0.55, f"{units:,}.{cents:02}"),
        (0.70, f"${units:,}.{cents:02}"),
        (0.80, f" {units}.{cents:02} "),
        (0.90, f"USD {units}.{cents:02}"),
        (0.98, f"({units}.{cents:02})"),
    ):
        if form < most:
            return written
    return "n/a"
