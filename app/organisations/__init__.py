"""The registry of clients and suppliers."""
