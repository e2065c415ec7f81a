"""What there is to watch: videos, from draft to withdrawal."""
