"""People, how they log in, and the links that invite them."""
