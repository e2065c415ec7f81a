"""What viewers do: reported facts, checked and never decided."""
