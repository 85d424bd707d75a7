"""Twins of what knows signatures."""
