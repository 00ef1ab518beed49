"""Words that alert somebody without stopping anything: code names, the brand, an event."""
