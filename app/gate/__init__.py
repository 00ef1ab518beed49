"""Who may enter, from where: the wall around everything."""
