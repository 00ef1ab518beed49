"""Persons: who they are, where they stand in the company, what roles they hold."""
