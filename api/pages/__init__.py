"""What people meet in a browser: pages rendered here, one controller for each place, and the few files they need."""
