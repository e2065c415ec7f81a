"""Milvus Lite, run as a server."""
