"""What a workflow may be: its stages, what they ask for, and what is wrong with them."""
