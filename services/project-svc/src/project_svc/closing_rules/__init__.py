"""What a company wants before its projects are closed."""
