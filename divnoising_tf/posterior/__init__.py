"""Everything that comes after training: samples of the posterior and what is made of them."""
