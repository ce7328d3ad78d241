"""Learning that is kept: the stream of a learner, read and written by many."""
