"""What people have said about being turned to: per person, purpose and channel, with evidence."""
