"""Twins of the outputs."""
