"""What classifiers advise on, what they learn from, and who lets them speak."""
