"""Processing: operations on tables as plain data, and the words that stand for them."""
