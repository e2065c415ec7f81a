"""Servers out of wheels: started, killed, hung, started again."""
