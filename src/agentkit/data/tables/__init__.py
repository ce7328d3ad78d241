"""Tables: columns of one kind each, kept by one of two engines with the same results."""
