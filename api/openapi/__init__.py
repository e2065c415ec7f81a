"""The OpenAPI document: what the framework knows of the routes, completed by what every route keeps to."""
