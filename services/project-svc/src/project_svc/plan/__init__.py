"""Plans: the tasks of a project in a tree, with links, assignments and progress, edited as one."""
