"""What is known of a person over all services: asked for, collected, and given out as one bundle."""
