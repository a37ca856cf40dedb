"""Files of answers larger than the memory: read block by block, sorted on disk, prepared some learners at a time."""
