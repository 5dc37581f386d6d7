"""Policies by web address: pages and sitemaps that are read again on a schedule. `sources.py` is the door."""
