"""Twins of the stores, and the contract that all of them keep."""
