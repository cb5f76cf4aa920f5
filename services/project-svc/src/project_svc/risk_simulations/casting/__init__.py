"""From a project to what a simulation of it draws."""
