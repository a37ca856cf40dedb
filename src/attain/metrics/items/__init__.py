"""What learners' answers say of items: difficulty, discrimination, options, fairness, and of who wrote them."""
