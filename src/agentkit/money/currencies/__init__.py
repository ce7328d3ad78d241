"""Which currencies there are, and what ISO 4217 says of them."""
