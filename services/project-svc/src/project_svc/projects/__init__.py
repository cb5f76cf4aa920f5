"""Projects: what is done for a customer, from approval to closing."""
