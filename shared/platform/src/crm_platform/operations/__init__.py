"""Long work that runs off the request, survives restarts and can be watched; see docs/how-to/add-an-operation.md."""
