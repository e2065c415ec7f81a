"""Every promise the system makes, as sentences that are true."""
