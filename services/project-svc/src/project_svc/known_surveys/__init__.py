"""What this service knows of satisfaction surveys, kept by their events."""
