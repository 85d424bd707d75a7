"""Twins of the commands."""
