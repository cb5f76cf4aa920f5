"""What acceptance by a customer takes: findings about criteria, versions, deadlines; pure."""
