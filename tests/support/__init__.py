"""What tests of several kinds are told with."""
