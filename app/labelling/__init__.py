"""Where people teach the classifiers: the desk, the sample drawn by lot, the nightly lesson."""
