"""What this service knows of customers: a local copy, kept by their events."""
