"""Leading groups: the posts that steer a programme, and the office that carries the work (P-4.1)."""
