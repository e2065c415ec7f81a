"""PostgreSQL: the event logs, the keys of subjects, the read models, and the migrations of all three."""
