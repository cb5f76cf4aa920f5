"""What this service knows of contacts: who they are and at which customers, kept by their events."""
