"""What follows from what happens, what people may say, and what is wanted next."""
