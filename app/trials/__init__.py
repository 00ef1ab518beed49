"""Rules tried on what was said: backtests, reading again what stands, what a name would hit, breakers."""
