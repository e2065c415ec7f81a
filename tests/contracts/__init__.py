"""Promises about the code itself: what is recorded stays readable, and the house keeps its rules."""
