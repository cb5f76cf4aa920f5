"""What happened, one row per record, kept from events."""
