"""The rules of the charter as people make them: versions, states, examples, exemptions, trials."""
