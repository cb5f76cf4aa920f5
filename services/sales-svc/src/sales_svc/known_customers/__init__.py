"""What sales needs to know of customers: a copy, kept up to date by the customers' events."""
