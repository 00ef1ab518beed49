"""Screens for those who run the place."""
