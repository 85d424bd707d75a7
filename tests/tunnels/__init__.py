"""Twins of the tunnels."""
