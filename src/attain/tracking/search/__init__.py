"""Filters and orders for runs: read, said in English, compiled to SQL."""
