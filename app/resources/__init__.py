"""What the API serves: one file a resource, with its read model, query class and routes."""
