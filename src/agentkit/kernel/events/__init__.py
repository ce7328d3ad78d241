"""What may happen: the vocabulary of the journal."""
