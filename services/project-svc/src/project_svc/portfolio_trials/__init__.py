"""What if another project were taken on: whom it overloads, when it fits, and what it does to the others."""
