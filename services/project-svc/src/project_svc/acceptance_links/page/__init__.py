"""The page behind a link for acceptance: what it shows, and the form on it."""
