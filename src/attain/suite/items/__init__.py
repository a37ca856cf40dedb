"""From answers of learners to what items are worth, and which generator's are: joined, computed, kept, said."""
