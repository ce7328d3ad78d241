"""A record label's royalty run: from messy sales to a statement for every artist."""
