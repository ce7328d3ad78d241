"""How a country writes its numbers, dates and amounts."""
