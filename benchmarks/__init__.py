"""Measurements against the official packages, by `make bench`."""
