"""Who is on duty: slots of the week by moderator, and who stands in on a day."""
