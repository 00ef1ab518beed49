"""What is mine: profile, settings, devices, what the charter recorded about me."""
