"""What commands and imports do, asked of the application itself."""
