"""Who is in which segment: kept up to date customer by customer, looked at, explained."""
