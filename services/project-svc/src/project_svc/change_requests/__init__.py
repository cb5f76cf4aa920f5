"""Change requests: edits of a plan that take effect only once those who have to agree have agreed."""
