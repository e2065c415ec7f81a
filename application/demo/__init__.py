"""An example platform, made up from a seed: creators, videos, and viewers who follow their tastes."""
