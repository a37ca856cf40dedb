"""Files of learning standards, read by their specifications: xAPI, IMS Caliper, OneRoster, and Moodle's log."""
