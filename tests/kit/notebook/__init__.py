"""A service of the tests' own: the smallest one that uses every part of the kit."""
