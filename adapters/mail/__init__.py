"""Letters, and two ways to get them out of the house: SMTP, and a folder where there is no SMTP."""
