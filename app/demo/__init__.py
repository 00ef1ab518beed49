"""The demo company: pure content, the same for the same seed. It imports nothing else of the application."""
