"""Who may sign in, with what role, and who is signed in now."""
