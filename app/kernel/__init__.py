"""The language that features are written in. Imports no feature."""
