"""Requirements of customers that are handed over to be delivered, and what became of each."""
