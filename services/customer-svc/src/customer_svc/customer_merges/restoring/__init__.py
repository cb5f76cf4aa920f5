"""What refers to customers, and how a merge is taken back."""
