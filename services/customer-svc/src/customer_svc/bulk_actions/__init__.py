"""The same for many customers: up to 10,000, each judged by itself."""
