"""The charter: a document people accept and a program that keeps it."""
