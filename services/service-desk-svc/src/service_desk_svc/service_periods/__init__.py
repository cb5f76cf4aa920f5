"""For how long a project's customer is served after delivery."""
