"""Surveys of compounds by the streets and towns (附件1)."""
