"""Pages over HTTP, as a browser without JavaScript gets them."""
