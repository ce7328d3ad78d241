"""Paying invoices: people agree to the large ones, and every one is paid once although the bank's line drops."""
