"""Wiring only: settings, addresses, server entry points. Imports everything, imported by nothing."""
