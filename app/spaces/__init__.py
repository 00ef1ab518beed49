"""Spaces and their members: the unit of visibility."""
