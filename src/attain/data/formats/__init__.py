"""File formats: each reads some columns of a file as codes and names."""
