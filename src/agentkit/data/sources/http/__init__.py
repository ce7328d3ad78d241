"""Addresses: APIs and files behind HTTP, with paging, retries, authentication and checked connections."""
