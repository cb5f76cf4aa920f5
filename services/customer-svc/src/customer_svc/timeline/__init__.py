"""What happened with a customer, over all services, in one list."""
