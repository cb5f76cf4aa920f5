"""Whatever changes a customer or its facts: one look at that customer, for all that expressions say of it."""
