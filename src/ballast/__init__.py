"""Ballast: keep an industrial economy steady when something stops."""

__version__ = "0.1.0"
