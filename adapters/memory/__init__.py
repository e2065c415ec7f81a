"""Read models in the memory of their process, with a checkpoint to start from."""
