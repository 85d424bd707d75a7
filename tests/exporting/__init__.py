"""Tests of what kept deliveries become."""
