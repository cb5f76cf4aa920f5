"""What is in a template: a project with dates relative to its start, and skills in the place of people."""
