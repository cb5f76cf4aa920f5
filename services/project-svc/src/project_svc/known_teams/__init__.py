"""What this service knows of teams: their names, and which users are in them, kept by the events of the gateway."""
