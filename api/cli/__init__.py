"""The command line: `commands` lists what there is, and each command has a module of its own."""
