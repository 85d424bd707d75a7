"""Kept deliveries in the words of other programs."""
