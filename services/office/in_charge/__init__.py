"""Who is in charge, and who acts now (D-2)."""
