"""Who stands for customers that were merged into another."""
