"""What people say of generated pieces: review sheets, ratings, and what follows from them."""
