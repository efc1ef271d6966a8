"""Leaders: division documents, absences, posts of the leadership."""
