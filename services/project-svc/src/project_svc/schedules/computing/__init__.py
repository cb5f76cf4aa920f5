"""What is computed of a plan, off the event loop and kept for as long as nothing changes."""
