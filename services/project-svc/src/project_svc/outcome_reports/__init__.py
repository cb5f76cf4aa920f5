"""The outcome report that a customer is handed: HTML and PDF, in English or Chinese."""
