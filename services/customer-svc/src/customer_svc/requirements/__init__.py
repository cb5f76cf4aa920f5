"""What customers require, from the first mention to the delivery."""
