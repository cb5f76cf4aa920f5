"""Resources: people, equipment and material that tasks need."""
