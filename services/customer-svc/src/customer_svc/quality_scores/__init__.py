"""How good the data of each customer is: scored by rules, kept up to date customer by customer."""
