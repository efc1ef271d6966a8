"""What others use to read OpenAPI documents."""
