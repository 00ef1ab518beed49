"""Learning the charter: the questions of a version, who passed them, who has accepted and who has not."""
